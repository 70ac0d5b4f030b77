/*
 * tables: rows to sort and to filter.
 *
 * A column is { name, label, title, number, value(row), text(row) }: what it
 * is sorted by, and what is read. Empty values come last whatever the order.
 */

const ROWS_SHOWN = 25;
const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

function isEmpty(v) {
	return v === null || v === undefined || v === '';
}

function order(column, down) {
	return (a, b) => {
		const x = column.value(a), y = column.value(b);

		if (isEmpty(x) || isEmpty(y))
			return isEmpty(x) - isEmpty(y);
		return (down ? -1 : 1) *
			(column.number ? x - y : collator.compare(x, y));
	};
}

/* Whether a row has all words of the filter. */
function matches(words, texts) {
	const all = texts.join('\n').toLowerCase();

	return words.every((w) => all.includes(w));
}

function cellOf(column, row) {
	const text = column.text(row);

	if (!column.share || isEmpty(column.value(row)))
		return node('td', { class: column.number ? 'n' : null }, text);
	return node('td', { class: 'n share' }, text,
		node('span', { class: 'track', 'aria-hidden': 'true' }, bar(column.value(row), 'rate')));
}

class Table {
	/* options: caption, columns, rows, words(row): texts to find it by; sum(rows): cells of the last row */
	constructor(options) {
		Object.assign(this, options);
		this.sorted = null;
		this.down = false;
		this.words = [];
		this.shown = ROWS_SHOWN;
		this.head = node('tr', null);
		this.body = node('tbody', null);
		this.foot = node('tfoot', null);
		this.state = node('p', { class: 'state', role: 'status' });
		this.more = node('button', { type: 'button', class: 'more', onclick: () => this.showAll() });
		this.element = node('div', { class: 'table' }, this.tools(), this.scroll(), this.more);
		this.drawHead();
		this.draw();
	}

	tools() {
		return node('div', { class: 'tools' },
			node('label', null, 'Filter ', node('input', {
				type: 'search',
				placeholder: this.hint,
				oninput: (event) => this.filter(event.target.value),
			})), this.state);
	}

	scroll() {
		return node('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': this.caption },
			node('table', null, node('caption', { class: 'hidden' }, this.caption),
				node('thead', null, this.head), this.body, this.foot));
	}

	/* The other way round when it is sorted by that column; numbers begin with the greatest. */
	sort(column) {
		this.down = this.sorted === column ? !this.down : Boolean(column.number);
		this.sorted = column;
		this.head.querySelectorAll('th').forEach((th, i) => th.setAttribute('aria-sort',
			this.columns[i] !== column ? 'none' : this.down ? 'descending' : 'ascending'));
		this.draw();
	}

	filter(text) {
		this.words = text.toLowerCase().split(/\s+/).filter((w) => w !== '');
		this.draw();
	}

	showAll() {
		this.shown = Infinity;
		this.draw();
	}

	drawHead() {
		this.head.replaceChildren(...this.columns.map((c) =>
			node('th', { scope: 'col', class: c.number ? 'n' : null, 'aria-sort': 'none' },
				node('button', { type: 'button', title: c.title, onclick: () => this.sort(c) }, c.label))));
	}

	drawRow(row) {
		return node('tr', null, ...this.columns.map((c, i) => i > 0 ? cellOf(c, row) :
			node('th', { scope: 'row' }, c.text(row))));
	}

	draw() {
		const found = this.rows.filter((r) => this.words.length === 0 ||
			matches(this.words, this.finds(r)));

		if (this.sorted !== null)
			found.sort(order(this.sorted, this.down));
		this.body.replaceChildren(...found.slice(0, this.shown).map((r) => this.drawRow(r)));
		if (found.length === 0)
			this.body.append(node('tr', null, node('td', { class: 'nothing', colspan: this.columns.length },
				this.rows.length === 0 ? 'There are no calls.' : 'Nothing has all these words.')));
		this.foot.replaceChildren();
		if (this.sum && found.length > 1)
			this.foot.append(node('tr', null, ...this.sum(found).map((text, i) =>
				node(i > 0 ? 'td' : 'th', { class: this.columns[i].number ? 'n' : null,
					scope: i > 0 ? null : 'row' }, text))));
		this.say(found.length);
	}

	say(found) {
		const { rows, total, file } = this;

		const drawn = found > this.shown ? ', the first ' + count(this.shown) + ' of them drawn' : '';

		this.state.textContent = (found === rows.length ? plural(found, 'row', 'rows') :
			count(found) + ' of ' + plural(rows.length, 'row', 'rows')) + drawn +
			(total > rows.length ? '; the first of ' + count(total) + ', all of which are in ' + file : '');
		this.more.hidden = found <= this.shown;
		this.more.textContent = 'Show all ' + count(found);
	}
}
