/*
 * sections: each part of the page from its rows of the data.
 *
 * page: { data, provider, step }. Rows are objects by the columns' names, of
 * the chosen provider only.
 */

const page = { data: null, provider: '', step: 'day' };

function rowsOf(section) {
	return section.rows.map((r) =>
		Object.fromEntries(section.columns.map((c, i) => [c, r[i]])));
}

function rows(name, from = page.data) {
	return rowsOf(from[name]).filter((r) => page.provider === '' || r.provider === page.provider);
}

function meaning(column) {
	for (const d of page.data.dictionary)
		for (const [name, text] of d.columns)
			if (name === column)
				return text;
	return null;
}

function words(column) {
	const text = column.replace(/_/g, ' ');

	return text[0].toUpperCase() + text.slice(1);
}

function stepText(key) {
	return page.step === 'week' ? 'Week of ' + dayText(key, 'week') :
		dayText(key, page.step);
}

/* The steps' names below a drawing are shorter. */
function stepLabels(keys) {
	return keys.map((k) => dayText(k, page.step === 'month' ? 'month' : 'week'));
}

/* -- totals -- */

/* Of rates more is better; of counts it depends, and nothing is said. */
const TILES = [
	{ name: 'calls', text: count },
	{ name: 'attempted', text: count },
	{ name: 'connected', text: count },
	{ name: 'connect_rate', text: percent, part: 'connected', whole: ['attempted'] },
	{ name: 'succeeded', text: count },
	{ name: 'success_rate', text: percent, part: 'succeeded', whole: ['succeeded', 'not_succeeded'] },
	{ name: 'analyzed', text: count },
	{ name: 'talk_seconds', label: 'Talk time', text: span },
	{ name: 'reattempts', text: count },
];

function tileValue(tile, list) {
	if (!tile.part)
		return sum(list, tile.name);
	return rate(sum(list, tile.part), tile.whole.reduce((n, c) => n + sum(list, c), 0));
}

/* The credits of each unit are a figure of their own. */
function creditTiles(list) {
	const units = [...new Set(list.map((r) => r.credits_unit))].filter((u) => !isEmpty(u));

	return units.map((unit) => ({
		name: 'credits_used',
		label: 'Credits used' + (unit === 'credits' ? '' : ', ' + unit),
		text: decimal,
		of: (rs) => rs.filter((r) => r.credits_unit === unit),
	}));
}

/* "▲ 12.4 % from 1,234"; of rates the difference in points. */
function change(tile, now, before) {
	const delta = tile.part ? 100 * (now - before) : before > 0 ? 100 * (now / before - 1) : NaN;
	const unit = tile.part ? ' points' : ' %';
	const kind = !tile.part || Math.abs(delta) < 0.05 ? 'even' : delta > 0 ? 'good' : 'bad';
	const sign = Number.isNaN(delta) ? '' : Math.abs(delta) < 0.05 ? '= ' : delta > 0 ? '▲ ' : '▼ ';

	return node('p', { class: 'change' },
		node('span', { class: kind }, sign +
			(Number.isNaN(delta) ? '' : tenths.format(Math.abs(delta)) + unit)),
		' from ' + tile.text(before));
}

function changeOf(tile, now, list) {
	if (list === null || list.length === 0)
		return null;
	const before = tileValue(tile, tile.of ? tile.of(list) : list);

	return now === null || before === null ? node('p', { class: 'change' }, 'nothing to compare') :
		change(tile, now, before);
}

/* The tile's figure for each step, as a line without axes. */
function sparkline(tile, groups) {
	const values = [...groups.values()].map((g) => tileValue(tile, g));
	const known = values.filter((v) => v !== null);
	const most = Math.max(...known), least = tile.part ? Math.min(...known) : 0;
	const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
	const line = document.createElementNS('http://www.w3.org/2000/svg', 'polyline');

	if (known.length < 3 || most === least)
		return null;
	svg.setAttribute('viewBox', '0 0 100 24');
	svg.setAttribute('preserveAspectRatio', 'none');
	svg.setAttribute('aria-hidden', 'true');
	line.setAttribute('points', values.flatMap((v, i) => v === null ? [] :
		[[100 * i / (values.length - 1), 22 - 20 * (v - least) / (most - least)].join(',')]).join(' '));
	svg.append(line);
	return svg;
}

function drawTile(tile, now, before, groups) {
	const value = tileValue(tile, tile.of ? tile.of(now) : now);
	const hasDays = !tile.of && ![ 'analyzed', 'reattempts' ].includes(tile.name);

	return node('div', { class: 'tile', title: meaning(tile.name) },
		node('h3', null, tile.label || words(tile.name)),
		node('p', null, node('data', { value: value === null ? '' : value, 'data-metric': tile.name },
			value === null ? DASH : tile.text(value))),
		changeOf(tile, value, before), hasDays ? sparkline(tile, groups) : null);
}

function comparison(before) {
	const { from, to } = page.data, b = page.data.before;
	const days = b === null ? 0 : daysBetween(from, to);

	if (b === null)
		return 'Not compared with a window before: this one is open. With --from and --to it is.';
	if (before.length === 0)
		return 'The ' + plural(days, 'day', 'days') + ' before, ' + windowText(b.from, b.to) +
			', had no calls to compare with.';
	return 'Compared with the ' + plural(days, 'day', 'days') + ' before, ' + windowText(b.from, b.to) + '.' +
		(b.first > b.from ? ' The first calls there are of ' + dayText(b.first) + '.' : '') +
		(to >= page.data.today ? ' The window is not over yet.' : '');
}

function drawTotals() {
	const now = rows('totals');
	const before = page.data.before === null ? null : rows('totals', page.data.before);
	const groups = byStep(rows('days'), page.step);

	byId('totals-note').textContent = comparison(before);
	fill('totals-body', ...(now.length === 0 ? [empty('There are no calls in this window.')] :
		[...TILES, ...creditTiles(now)].map((t) => drawTile(t, now, before, groups))));
}

/* -- over time -- */

/* Calls of which nobody knows the day are in no drawing over time. */
function undated(list) {
	const n = sum(list.filter((r) => r.day === null), 'calls');

	return n === 0 ? null : node('p', { class: 'note' },
		plural(n, 'call has', 'calls have') + ' no known day and ' + (n === 1 ? 'is' : 'are') + ' not drawn.');
}

/* Days that were cut off, when there are too many. */
function shortened() {
	const { rows: some, total } = page.data.days;

	return total === some.length ? null : node('p', { class: 'note' },
		'The latest days only; assistant_daily.csv has all of them.');
}

/* Stacked bars of the columns, one for each step. series: [column, hue, pattern] each. */
function stacked(parent, label, groups, series, value, config) {
	const keys = [...groups.keys()];

	return plot(parent, label, {
		type: 'bar',
		data: {
			labels: stepLabels(keys),
			datasets: series.map(([column, hueName, pattern]) => ({
				label: words(column),
				data: keys.map((k) => value(groups.get(k), column)),
				backgroundColor: paint(hueName, pattern),
				borderColor: paper(),
				borderWidth: keys.length > 60 ? 0 : { top: 1 },
				categoryPercentage: 0.92,
				barPercentage: 0.92,
				maxBarThickness: 60,
			})),
		},
		...config,
	}, config.text);
}

function drawOutcomes() {
	const list = rows('days');
	const groups = byStep(list, page.step);
	const series = OUTCOMES.filter(([column]) => sum(list, column) > 0);
	const calls = sum(list, 'calls');

	if (groups.size === 0) {
		fill('outcomes-body', empty('There are no calls to draw.'));
		return;
	}
	fill('outcomes-body');
	const chart = stacked(byId('outcomes-body'),
		'Stacked bars: calls of each ' + page.step + ' by outcome, ' + count(calls) + ' in all.',
		groups, series, sum, {
			scales: { x: timeAxis({ stacked: true }), y: countAxis({ stacked: true }) },
			text: (item) => count(item.raw),
		});

	byId('outcomes-body').append(legend(chart, series.map(([column, hueName, pattern]) => ({
		mark: swatch(hueName, pattern), text: words(column), figure: count(sum(list, column)),
	}))), figuresTable('Calls by outcome', [words(page.step), 'Calls', ...series.map(([c]) => words(c))],
		[...groups].map(([k, g]) => [stepText(k), count(sum(g, 'calls')), ...series.map(([c]) => count(sum(g, c)))])),
	...[undated(list), shortened()].filter((n) => n !== null));
}

const RATES = TILES.filter((t) => t.part);

function rateLine(tile, groups, i) {
	const colour = hue(i === 0 ? 'blue' : 'orange');

	return {
		label: words(tile.name),
		data: [...groups.values()].map((g) => tileValue(tile, g)),
		borderColor: colour,
		backgroundColor: colour,
		pointStyle: i === 0 ? 'circle' : 'rectRot',
		pointRadius: groups.size > 60 ? 0 : i === 0 ? 3 : 4,
		borderWidth: 2,
		borderDash: i === 0 ? [] : [6, 4],
		tension: 0,
		spanGaps: true,
	};
}

/* A piece of the line that a legend speaks of. */
function lineMark(i) {
	const canvas = node('canvas', { class: 'swatch', width: 28, height: 14, 'aria-hidden': 'true' });
	const g = canvas.getContext('2d');

	g.strokeStyle = g.fillStyle = hue(i === 0 ? 'blue' : 'orange');
	g.lineWidth = 2;
	g.setLineDash(i === 0 ? [] : [6, 4]);
	g.beginPath();
	g.moveTo(0, 7);
	g.lineTo(28, 7);
	g.stroke();
	return canvas;
}

function drawRates() {
	const list = rows('days');
	const groups = byStep(list, page.step);
	const known = RATES.some((t) => tileValue(t, list) !== null);

	if (!known) {
		fill('rates-body', empty('No call was attempted, and none analyzed.'));
		return;
	}
	fill('rates-body');
	const chart = plot(byId('rates-body'), 'Lines: ' + RATES.map((t) =>
		words(t.name).toLowerCase() + ' of each ' + page.step + ', ' + (percent(tileValue(t, list)) || 'not known') + ' over all').join('; ') + '.', {
		type: 'line',
		data: {
			labels: stepLabels([...groups.keys()]),
			datasets: RATES.map((t, i) => rateLine(t, groups, i)),
		},
		scales: { x: timeAxis(), y: shareAxis() },
	}, (item) => percent(item.raw));

	byId('rates-body').append(legend(chart, RATES.map((t, i) => ({
		mark: lineMark(i), text: words(t.name), figure: percent(tileValue(t, list)) || DASH,
	}))), figuresTable('Rates', [words(page.step), 'Attempted', 'Connected', 'Connect rate', 'Succeeded', 'Not succeeded', 'Success rate'],
		[...groups].map(([k, g]) => [stepText(k), count(sum(g, 'attempted')), count(sum(g, 'connected')),
			percent(tileValue(RATES[0], g)) || DASH, count(sum(g, 'succeeded')), count(sum(g, 'not_succeeded')),
			percent(tileValue(RATES[1], g)) || DASH])));
}

/* -- hours of the week -- */

const HOUR_MEASURES = {
	calls: { label: 'Calls', value: (r) => r.calls, text: count },
	connected: { label: 'Connected', value: (r) => r.connected, text: count },
	connect_rate: { label: 'Connect rate', value: (r) => rate(r.connected, r.attempted),
		text: (v) => v === null ? '' : Math.round(100 * v) + '' },
};
let hourMeasure = 'calls';

/* A sum for each hour of the week, by (weekday - 1) * 24 + hour. */
function hourSums(list) {
	const sums = Array.from({ length: 7 * 24 }, () => ({ calls: 0, attempted: 0, connected: 0 }));

	for (const r of list.filter((h) => h.weekday !== null))
		for (const column of ['calls', 'attempted', 'connected'])
			sums[(r.weekday - 1) * 24 + r.hour][column] += r[column];
	return sums;
}

function heatCell(r, measure, most, day, hour) {
	const value = measure.value(r);
	const share = value === null || most === 0 ? 0 : value / most;
	const cell = node('td', {
		class: 'heat' + (share > 0.8 ? ' strong' : share > 0.65 ? ' firm' : ''),
		title: day + ' ' + hour + ':00 to ' + hour + ':59: ' + plural(r.calls, 'call', 'calls') + ', ' +
			count(r.attempted) + ' attempted, ' + count(r.connected) + ' connected',
	}, r.calls === 0 ? '' : measure.text(value));

	cell.style.setProperty('--share', share.toFixed(3));
	return cell;
}

function heatTable(sums, measure) {
	const most = Math.max(...sums.map((r) => measure.value(r) || 0));
	const hours = Array.from({ length: 24 }, (_, h) => h);

	return node('table', { class: 'heatmap' },
		node('caption', { class: 'hidden' }, measure.label + ' by weekday and hour'),
		node('thead', null, node('tr', null, node('td', null),
			...hours.map((h) => node('th', { scope: 'col' }, String(h))))),
		node('tbody', null, ...WEEKDAYS.map((day, d) => node('tr', null,
			node('th', { scope: 'row' }, node('abbr', { title: day }, day.slice(0, 3))),
			...hours.map((h) => heatCell(sums[d * 24 + h], measure, most, day, h))))));
}

function heatLegend(sums, measure) {
	const most = Math.max(...sums.map((r) => measure.value(r) || 0));
	const scale = node('span', { class: 'scale', 'aria-hidden': 'true' });

	return node('p', { class: 'note' }, measure.text(0) || '0', scale, measure.text(most),
		hourMeasure === 'connect_rate' ? ' % of the calls attempted' : ' ' + measure.label.toLowerCase() +
		(hourMeasure === 'calls' ? ' in this hour of the week' : ' calls'));
}

function drawHours() {
	const list = rows('hours');
	const sums = hourSums(list);
	const without = sum(list.filter((r) => r.weekday === null), 'calls');
	const body = node('div', null);
	const draw = () => body.replaceChildren(
		node('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Hours of the week' },
			heatTable(sums, HOUR_MEASURES[hourMeasure])),
		heatLegend(sums, HOUR_MEASURES[hourMeasure]));

	byId('hours-zone').textContent = page.data.zone;
	if (sum(list, 'calls') === without) {
		fill('hours-body', empty('There are no calls with a time.'));
		return;
	}
	draw();
	fill('hours-body', chooser('What to show', Object.entries(HOUR_MEASURES).map(([k, m]) => [k, m.label]),
		hourMeasure, (m) => {
			hourMeasure = m;
			draw();
		}), body, ...(without === 0 ? [] :
		[node('p', { class: 'note' }, plural(without, 'call has', 'calls have') + ' no known time.')]));
}

/* -- attempts -- */

const ATTEMPTS_SHOWN = 12;
const FUNNEL = [['reached', 'Reached'], ['connected', 'Connected'], ['succeeded', 'Succeeded']];

/* figures: { reached, connected, succeeded }; first: what the widest bar stands for. */
function attemptRow(name, figures, first) {
	const track = node('div', { class: 'funnel', 'aria-hidden': 'true' },
		...FUNNEL.map(([kind]) => bar(figures[kind] / first, kind)));

	return node('tr', null, node('th', { scope: 'row' }, name), node('td', { class: 'wide' }, track),
		...FUNNEL.map(([kind]) => node('td', { class: 'n' }, count(figures[kind]))),
		node('td', { class: 'n' }, percent(rate(figures.connected, figures.reached))));
}

/* A row for each attempt: the calls that came to it, and what became of those that ended there. */
function attemptRows(said) {
	const most = Math.max(...said.map((r) => r.reattempts));
	const first = sum(said, 'calls');
	const lines = [];

	for (let n = 0; n <= Math.min(most, ATTEMPTS_SHOWN); n++) {
		const later = said.filter((r) => r.reattempts >= n);
		const here = n < ATTEMPTS_SHOWN ? later.filter((r) => r.reattempts === n) : later;

		lines.push(attemptRow(ordinal(n + 1) + (n === ATTEMPTS_SHOWN && most > n ? ' and later' : ''), {
			reached: sum(later, 'calls'), connected: sum(here, 'connected'), succeeded: sum(here, 'succeeded'),
		}, first));
	}
	return lines;
}

function attemptsTable(said) {
	return node('div', { class: 'scroll' }, node('table', { class: 'attempts' },
		node('caption', { class: 'hidden' }, 'Calls by attempt'),
		node('thead', null, node('tr', null, node('th', { scope: 'col' }, 'Attempt'), node('td', null),
			...FUNNEL.map(([kind, text]) => node('th', { scope: 'col', class: 'n' },
				node('span', { class: 'key ' + kind, 'aria-hidden': 'true' }), text)),
			node('th', { scope: 'col', class: 'n' }, 'Rate'))),
		node('tbody', null, ...attemptRows(said))));
}

function drawAttempts() {
	const list = rows('attempts');
	const said = list.filter((r) => r.reattempts !== null);
	const unsaid = list.filter((r) => r.reattempts === null);
	const note = unsaid.length === 0 ? null : node('p', { class: 'note' },
		'Of ' + plural(sum(unsaid, 'calls'), 'call', 'calls') + ' more the provider does not say how often they were tried: ' +
		count(sum(unsaid, 'connected')) + ' connected, ' + count(sum(unsaid, 'succeeded')) + ' succeeded.');

	fill('attempts-body', said.length > 0 ? attemptsTable(said) :
		empty(list.length === 0 ? 'There are no calls.' : 'No provider of these calls says how often they were tried.'),
	...(note === null ? [] : [note]));
}

/* -- sentiment -- */

function drawSentiment() {
	const list = rows('days');
	const groups = byStep(list, page.step);
	const series = SENTIMENTS.map(([name, ...look]) => ['sentiment_' + name, ...look])
		.filter(([column]) => sum(list, column) > 0);
	const all = (rs) => series.reduce((n, [c]) => n + sum(rs, c), 0);

	byId('sentiment-note').textContent = all(list) === 0 ? '' :
		'Of the ' + plural(all(list), 'call', 'calls') + ' whose analysis states one.';
	if (groups.size === 0 || all(list) === 0) {
		fill('sentiment-body', empty('No analysis states a sentiment.'));
		return;
	}
	fill('sentiment-body');
	const chart = stacked(byId('sentiment-body'), 'Stacked bars: share of each sentiment, by ' + page.step + '.',
		groups, series, (g, column) => rate(sum(g, column), all(g)), {
			scales: { x: timeAxis({ stacked: true }), y: { ...shareAxis(), stacked: true } },
			text: (item) => percent(item.raw),
		});

	byId('sentiment-body').append(legend(chart, series.map(([column, hueName, pattern]) => ({
		mark: swatch(hueName, pattern), text: words(column.slice('sentiment_'.length)),
		figure: count(sum(list, column)) + ' · ' + percent(rate(sum(list, column), all(list))),
	}))), figuresTable('Sentiment', [words(page.step), ...series.map(([c]) => words(c.slice('sentiment_'.length)))],
		[...groups].map(([k, g]) => [stepText(k), ...series.map(([c]) => count(sum(g, c)))])));
}

/* -- credits -- */

/* Accounts: provider, workspace and unit; their rows by day. The one that used most comes first. */
function accounts(list) {
	const map = new Map();

	for (const r of list) {
		const key = JSON.stringify([r.provider, r.workspace, r.credits_unit]);

		map.set(key, [...(map.get(key) || []), r]);
	}
	return [...map.values()].sort((a, b) => sum(b, 'credits_used') - sum(a, 'credits_used'));
}

function accountName([{ provider, workspace }]) {
	return provider + (isEmpty(workspace) ? ', no workspace' : ', ' + workspace);
}

/* The last row that states a balance, null when there is none. */
function lastStated(list) {
	const stated = list.filter((r) => r.closing_balance !== null && r.day !== null)
		.sort((a, b) => a.day < b.day ? -1 : 1);

	return stated.length === 0 ? null : stated[stated.length - 1];
}

function lastBalance(list) {
	const r = lastStated(list);

	return r === null ? null : r.closing_balance;
}

/* All accounts, of which one is drawn. */
function accountsTable(list) {
	const line = (account) => {
		const last = lastStated(account);

		return [accountName(account), account[0].credits_unit, cents(sum(account, 'credits_used')),
			last === null ? DASH : cents(last.closing_balance), last === null ? DASH : dayText(last.day)];
	};

	return node('div', { class: 'scroll' }, node('table', { class: 'accounts' },
		node('caption', { class: 'hidden' }, 'Accounts'),
		node('thead', null, node('tr', null, ...['Account', 'Unit', 'Used', 'Last balance', 'Day'].map((t, i) =>
			node('th', { scope: 'col', class: i > 1 ? 'n' : null }, t)))),
		node('tbody', null, ...list.slice(0, ROWS_SHOWN).map((account) => node('tr', null,
			...line(account).map((t, i) => node(i > 0 ? 'td' : 'th', { class: i > 1 ? 'n' : null, scope: i > 0 ? null : 'row' }, t)))))));
}

function drawAccount(body, list) {
	const groups = byStep(list, page.step);
	const keys = [...groups.keys()];
	const unit = list[0].credits_unit;
	const balance = lastBalance(list);
	const used = decimal(sum(list, 'credits_used')) + ' ' + unit;

	body.replaceChildren();
	const chart = plot(body, 'Bars: ' + unit + ' used each ' + page.step + ', ' + used + ' in all; line: the balance, ' +
		(balance === null ? 'never stated.' : decimal(balance) + ' at last.'), {
		type: 'bar',
		data: {
			labels: stepLabels(keys),
			datasets: [{
				type: 'line', label: 'Balance', data: keys.map((k) => lastBalance(groups.get(k))),
				borderColor: hue('blue'), backgroundColor: hue('blue'), borderWidth: 2, stepped: 'before',
				pointRadius: keys.length > 60 ? 0 : 3, spanGaps: true, yAxisID: 'balance',
			}, {
				label: 'Used', data: keys.map((k) => sum(groups.get(k), 'credits_used')),
				backgroundColor: hue('orange'), categoryPercentage: 0.9, barPercentage: 0.9, maxBarThickness: 60, yAxisID: 'used',
			}],
		},
		scales: {
			x: timeAxis(),
			used: titled(countAxis({ position: 'left' }), 'used, ' + unit),
			balance: titled({ ...countAxis({ position: 'right', beginAtZero: false }), display: balance !== null,
				grid: { display: false, drawBorder: false } }, 'balance, ' + unit),
		},
	}, (item) => decimal(item.raw) + ' ' + unit);

	body.append(legend(chart, [
		{ mark: lineMark(0), text: 'Balance', figure: balance === null ? 'never stated' : decimal(balance) + ' ' + unit },
		{ mark: swatch('orange', 'plain'), text: 'Used', figure: used },
	]), figuresTable('Credits', [words(page.step), 'Used', 'Balance'], [...groups].map(([k, g]) =>
		[stepText(k), decimal(sum(g, 'credits_used')), decimal(lastBalance(g)) || DASH])));
}

function drawCredits() {
	const list = accounts(rows('credits'));
	const body = node('div', null);

	if (list.length === 0) {
		fill('credits-body', empty('No provider of these calls states credits.'));
		return;
	}
	fill('credits-body', accountsTable(list), node('label', null, 'Drawn: ', node('select', {
		onchange: (event) => drawAccount(body, list[event.target.value]),
	}, ...list.map((a, i) => node('option', { value: i }, accountName(a) + ', ' + a[0].credits_unit)))), body);
	drawAccount(body, list[0]);
}

/* -- insights -- */

const INSIGHTS_SHOWN = 12;

function insightCard(list) {
	const [{ provider, insight, stated, values }] = list;
	const rest = stated - sum(list, 'calls');

	return node('div', { class: 'insight' },
		node('h3', null, insight),
		node('p', { class: 'note' }, provider + ' · ' + plural(stated, 'call', 'calls')),
		node('ol', null, ...list.map((r) => node('li', null,
			node('span', { class: 'value', title: r.value }, isEmpty(r.value) ? node('i', null, 'empty') : r.value),
			node('span', { class: 'figure' }, count(r.calls) + ' · ' + percent(rate(r.calls, stated))),
			node('span', { class: 'track', 'aria-hidden': 'true' }, bar(rate(r.calls, stated), 'plain'))))),
		rest === 0 ? null : node('p', { class: 'note' }, plural(values - list.length, 'other value', 'other values') + ': ' + count(rest)));
}

function drawInsights() {
	const groups = new Map();

	for (const r of rows('insights')) {
		const key = JSON.stringify([r.provider, r.insight]);

		groups.set(key, [...(groups.get(key) || []), r]);
	}
	const cards = [...groups.values()].map(insightCard);
	const grid = node('div', { class: 'insights' }, ...cards.slice(0, INSIGHTS_SHOWN));
	const more = node('button', {
		type: 'button', class: 'more',
		onclick: () => {
			grid.append(...cards.slice(INSIGHTS_SHOWN));
			more.remove();
		},
	}, 'Show all ' + count(cards.length));

	fill('insights-body', ...(cards.length === 0 ? [empty('No analysis states any.')] :
		cards.length > INSIGHTS_SHOWN ? [grid, more] : [grid]));
}

/* -- assistants and campaigns -- */

const VIEWS = {
	assistants: { label: 'Assistants', keys: ['assistant'], file: 'assistant_total.csv' },
	campaigns: { label: 'Campaigns', keys: ['campaign'], file: 'campaign_total.csv' },
	pairs: { label: 'Assistants in campaigns', keys: ['assistant', 'campaign'], file: 'assistant_campaign_daily.csv' },
};

const COLUMN_SETS = {
	main: ['calls', 'connected', 'connect_rate', 'succeeded', 'success_rate', 'talk_seconds_avg',
		'credits_used', 'reattempts'],
	outcomes: ['calls', ...OUTCOMES.map(([c]) => c)],
	analysis: ['calls', 'analyzed', 'succeeded', 'not_succeeded', 'success_rate',
		...SENTIMENTS.map(([c]) => 'sentiment_' + c)],
	talk: ['calls', 'connected', 'talk_seconds', 'talk_seconds_avg', 'talk_seconds_p50', 'talk_seconds_p90'],
	credits: ['calls', 'attempted', 'succeeded', 'credits_used', 'credits_per_success', 'reattempts', 'reschedules'],
};

const table = { view: 'assistants', set: 'main' };

/* Rates of rows that were summed, as the dictionary defines them; others have theirs. */
const DERIVED = {
	connect_rate: (r) => rate(r.connected, r.attempted),
	success_rate: (r) => rate(r.succeeded, r.succeeded + r.not_succeeded),
	credits_per_success: (r) => r.credits_used === null ? null : rate(r.credits_used, r.succeeded),
};

function metricText(name, value, row) {
	if (name.endsWith('_rate'))
		return percent(value);
	if (name.startsWith('talk_seconds'))
		return span(value);
	if (name.startsWith('credits_'))
		return value === null ? '' : cents(value) + (row.credits_unit === 'credits' ? '' : ' ' + row.credits_unit);
	return count(value);
}

function metricColumn(name, has) {
	const value = has(name) ? (r) => r[name] : DERIVED[name];

	return value === undefined ? null : {
		name,
		label: words(name.replace(/^talk_seconds/, 'talk').replace(/^sentiment_/, '')),
		title: meaning(name),
		number: true,
		share: name.endsWith('_rate'),
		value,
		text: (r) => metricText(name, value(r), r),
	};
}

/* The name, and the id below it when both are known. */
function nameColumn(key) {
	const id = (r) => r[key + '_id'], name = (r) => r[key + '_name'];
	const of = (r) => isEmpty(name(r)) ? id(r) : name(r);

	return {
		name: key,
		label: words(key),
		title: null,
		value: of,
		text: (r) => isEmpty(of(r)) ? node('i', null, 'none known') : node('span', { class: 'name' }, of(r),
			isEmpty(name(r)) || isEmpty(id(r)) ? null : node('small', null, id(r))),
	};
}

const providerColumn = {
	name: 'provider', label: 'Provider', title: null,
	value: (r) => r.provider, text: (r) => r.provider,
};

/* The last row: what the rows above come to. */
function sums(columns, list) {
	const units = new Set(list.map((r) => r.credits_unit).filter((u) => !isEmpty(u)));
	const total = { credits_unit: [...units][0] };
	const summed = (name) => !name.startsWith('talk_seconds_') &&
		(!name.startsWith('credits_') || units.size === 1);

	for (const name of ['attempted', 'connected', 'succeeded', 'not_succeeded', 'credits_used', ...columns.map((c) => c.name)])
		total[name] = sum(list, name);
	return columns.map((c, i) => {
		if (i === 0)
			return 'All ' + count(list.length);
		if (!c.number || !summed(c.name))
			return '';
		return metricText(c.name, DERIVED[c.name] ? DERIVED[c.name](total) : total[c.name], total);
	});
}

function metricsTable() {
	const view = VIEWS[table.view], section = page.data[table.view];
	const columns = [...view.keys.map(nameColumn), providerColumn,
		...COLUMN_SETS[table.set].map((c) => metricColumn(c, (n) => section.columns.includes(n)))]
		.filter((c) => c !== null);

	return new Table({
		caption: view.label,
		hint: 'name, id, provider',
		columns,
		rows: rows(table.view),
		total: section.total,
		file: view.file,
		finds: (r) => [r.provider, ...view.keys.flatMap((k) => [r[k + '_id'] || '', r[k + '_name'] || ''])],
		sum: (list) => sums(columns, list),
	}).element;
}

function drawTable() {
	const body = node('div', null, metricsTable());
	const choose = (what) => (value) => {
		table[what] = value;
		body.replaceChildren(metricsTable());
	};

	fill('table-body', node('div', { class: 'choosers' },
		chooser('Rows', Object.entries(VIEWS).map(([k, v]) => [k, v.label]), table.view, choose('view')),
		chooser('Columns', Object.keys(COLUMN_SETS).map((k) => [k, words(k)]), table.set, choose('set'))), body);
}

/* -- restated cells -- */

function textColumn(name, label = words(name)) {
	return { name, label, title: null, value: (r) => r[name],
		text: (r) => isEmpty(r[name]) ? node('i', null, 'empty') : r[name] };
}

/* "provider=p;assistant_id=a" with a line for each part. */
function keyColumn() {
	return { ...textColumn('key'),
		text: (r) => node('span', null, ...r.key.split(/;(?=\w+=)/).map((part) => node('span', { class: 'part' }, part))) };
}

function drawRestated() {
	const section = page.data.restated;
	const list = rowsOf(section);
	const days = new Set(list.map((r) => r.day)).size, reports = new Set(list.map((r) => r.report)).size;

	if (list.length === 0) {
		fill('restated-body', empty('Nothing that was published has changed.'));
		return;
	}
	fill('restated-body', node('p', null, plural(section.total, 'cell', 'cells') + ' of ' + plural(days, 'day', 'days') +
		' in ' + plural(reports, 'report', 'reports') + (section.total === list.length ? '' : ', of those shown') + '.'),
	new Table({
		caption: 'Restated cells',
		hint: 'report, day, column',
		columns: [textColumn('report'), textColumn('day'), keyColumn(), textColumn('column'),
			textColumn('was'), textColumn('is'), textColumn('published_at', 'Published'), textColumn('source')],
		rows: list,
		total: section.total,
		file: 'restatements.csv',
		finds: (r) => Object.values(r).map((v) => v || ''),
	}).element);
}

/* -- dictionary -- */

function drawDictionary() {
	fill('dictionary-body', ...page.data.dictionary.map((d) => node('details', null,
		node('summary', null, node('code', null, d.report + '.csv'), ' ', d.text),
		node('div', { class: 'scroll' }, node('table', null,
			node('caption', { class: 'hidden' }, 'Columns of ' + d.report),
			node('thead', { class: 'hidden' }, node('tr', null, node('th', { scope: 'col' }, 'Column'), node('th', { scope: 'col' }, 'Meaning'))),
			node('tbody', null, ...d.columns.map(([name, text]) =>
				node('tr', null, node('th', { scope: 'row' }, node('code', null, name)), node('td', null, text)))))))));
}
