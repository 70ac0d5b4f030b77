#include "call/shape.h"

bool
node_is(struct node n, enum rule_is is)
{
	switch (is) {
	case IS_ANY:
		return true;
	case IS_TEXT:
		return n.type == NODE_TEXT && !node_silent(n);
	case IS_OBJECT:
		return n.type == NODE_OBJECT;
	case IS_ARRAY:
		return n.type == NODE_ARRAY;
	case IS_NUMBER:
		return n.type == NODE_INT || n.type == NODE_UINT ||
		    n.type == NODE_REAL;
	case IS_BOOL:
		return n.type == NODE_BOOL;
	case IS_STATED:
		return !node_silent(n);
	case IS_SILENT:
		return node_silent(n);
	}
	return false;
}

/* The node that a rule looks at: an empty object is an object, though silent. */
static struct node
rule_node(const struct rule *r, const struct walk *w)
{
	const struct node *n = slots_get(w, r->at);

	for (size_t i = 0; i < r->at.n && n == NULL; i++)
		n = walk_at(w, r->at.v[i]);
	return n != NULL ? *n : (struct node){ NULL, 0, NODE_ABSENT };
}

static bool
text_is_one_of(struct node n, struct texts texts)
{
	struct str s;

	if (n.type != NODE_TEXT)
		return false;
	s = node_text(n);
	for (size_t i = 0; i < texts.n; i++)
		if (str_eq(s, texts.v[i]))
			return true;
	return false;
}

static bool
rule_holds(const struct rule *r, struct node n)
{
	bool holds = node_is(n, r->is);

	if (r->one_of.n > 0)
		holds = holds && text_is_one_of(n, r->one_of);
	if (r->prefix.p != NULL)
		holds = holds && n.type == NODE_TEXT &&
		    str_starts(node_text(n), r->prefix);
	return holds != r->negate;
}

bool
rules_hold(const struct rules *rules, const struct walk *w)
{
	for (size_t i = 0; i < rules->n; i++)
		if (!rule_holds(&rules->v[i], rule_node(&rules->v[i], w)))
			return false;
	return true;
}

bool
rules_hold_in(const struct rules *rules, struct node element)
{
	for (size_t i = 0; i < rules->n; i++) {
		const struct rule *r = &rules->v[i];

		if (!rule_holds(r, path_get(&r->path, element)))
			return false;
	}
	return true;
}

bool
shape_fits(const struct shape *s, const struct walk *w)
{
	for (size_t i = 0; i < s->match.n; i++)
		if (rules_hold(&s->match.v[i], w))
			return true;
	return false;
}

const char *
shape_ignores(const struct shape *s, const struct walk *w)
{
	for (size_t i = 0; i < s->n_ignore; i++)
		if (rules_hold(&s->ignore[i].when, w))
			return s->ignore[i].because;
	return NULL;
}
