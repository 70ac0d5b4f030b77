/*
 * nodes: elements made from data. Whatever comes from the data becomes text;
 * nothing on this page is parsed as markup.
 */

/* node('td', { class: 'n', onclick: f }, 'text', child...): attributes, listeners, children. */
function node(tag, attributes, ...children) {
	const e = document.createElement(tag);

	for (const [name, value] of Object.entries(attributes || {})) {
		if (typeof value === 'function')
			e.addEventListener(name.slice(2), value);
		else if (value !== null && value !== undefined && value !== false)
			e.setAttribute(name, value === true ? '' : value);
	}
	e.append(...children.filter((c) => c !== null && c !== undefined));
	return e;
}

function byId(id) {
	return document.getElementById(id);
}

function fill(id, ...children) {
	byId(id).replaceChildren(...children);
}

function empty(text) {
	return node('p', { class: 'empty' }, text);
}

/* A bar whose width is a share of its track. */
function bar(share, kind) {
	const e = node('span', { class: 'fill ' + kind });

	e.style.width = 100 * Math.max(0, Math.min(1, share)) + '%';
	return e;
}

/*
 * A table of texts for those who do not see the drawing, or want the figures.
 * columns: names; the first column is a head, the others numbers.
 */
function figuresTable(caption, columns, rows) {
	const head = columns.map((c, i) =>
		node('th', { scope: 'col', class: i > 0 ? 'n' : null }, c));
	const body = rows.map((r) => node('tr', null, ...r.map((cell, i) =>
		i > 0 ? node('td', { class: 'n' }, cell) :
		node('th', { scope: 'row' }, cell))));

	return node('details', { class: 'figures' },
		node('summary', null, 'The figures'),
		node('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption },
			node('table', null, node('caption', { class: 'hidden' }, caption),
				node('thead', null, node('tr', null, ...head)),
				node('tbody', null, ...body))));
}

/* Buttons of which one is pressed. choices: [value, text] each. */
function chooser(label, choices, chosen, onchoose) {
	const group = node('div', { class: 'chooser', role: 'group', 'aria-label': label });

	for (const [value, text] of choices)
		group.append(node('button', {
			type: 'button',
			'aria-pressed': String(value === chosen),
			onclick: (event) => {
				for (const b of group.children)
					b.setAttribute('aria-pressed', String(b === event.currentTarget));
				onchoose(value);
			},
		}, text));
	return group;
}
