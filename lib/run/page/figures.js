/*
 * figures: what is drawn on a canvas, by Chart.js. Each drawing has a label
 * that says what it shows, and a table of its figures below.
 */

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif';
let drawings = [];	/* charts on the page; destroyed before they are drawn anew */

function forgetDrawings() {
	for (const chart of drawings)
		chart.destroy();
	drawings = [];
}

function axis(more) {
	return {
		grid: { color: lineColour(), drawBorder: false, drawTicks: false },
		ticks: { color: ink(), padding: 8, maxRotation: 0, autoSkipPadding: 16 },
		...more,
	};
}

function shareAxis() {
	const a = axis({ min: 0, max: 1 });

	a.ticks.callback = (v) => Math.round(100 * v) + ' %';
	return a;
}

function countAxis(more) {
	const a = axis({ beginAtZero: true, ...more });

	a.ticks.callback = (v) => Number.isInteger(v) || v > 10 ? compacts.format(v) : '';
	return a;
}

function titled(a, text) {
	a.title = { display: true, text, color: ink(), font: { family: FONT, size: 12 } };
	return a;
}

function timeAxis(more) {
	const a = axis(more);

	a.grid.display = false;
	return a;
}

/* How a value reads beside the pointer. */
function tooltip(text) {
	return {
		backgroundColor: isDark() ? '#E8EAED' : '#1F2328',
		titleColor: isDark() ? '#1F2328' : '#FFFFFF',
		bodyColor: isDark() ? '#1F2328' : '#FFFFFF',
		padding: 10,
		boxPadding: 4,
		filter: (item) => item.raw !== null && item.raw !== 0,
		callbacks: { label: (item) => ' ' + item.dataset.label + '  ' + text(item) },
	};
}

/* Draws into a node that is on the page. */
function plot(parent, label, config, valueText) {
	const canvas = node('canvas', { role: 'img', 'aria-label': label });
	const holder = node('div', { class: 'plot' }, canvas);

	parent.append(holder);
	Chart.defaults.font.family = FONT;
	Chart.defaults.font.size = 12;
	const chart = new Chart(canvas, {
		...config,
		options: {
			responsive: true,
			maintainAspectRatio: false,
			animation: false,
			devicePixelRatio: Math.max(2, devicePixelRatio),
			interaction: { mode: 'index', intersect: false },
			scales: config.scales,
			plugins: { legend: { display: false }, tooltip: tooltip(valueText) },
		},
	});
	drawings.push(chart);
	return chart;
}

/* A legend of buttons, which leave a series out or take it in again. */
function legend(chart, entries) {
	const list = node('ul', { class: 'legend' });

	entries.forEach(({ mark, text, figure }, i) => {
		const button = node('button', {
			type: 'button',
			'aria-pressed': 'true',
			onclick: () => {
				const shown = !chart.isDatasetVisible(i);

				chart.setDatasetVisibility(i, shown);
				chart.update();
				button.setAttribute('aria-pressed', String(shown));
			},
		}, mark, text, node('span', { class: 'figure' }, figure));

		list.append(node('li', null, button));
	});
	return list;
}

/* -- time -- */

/* The first day of the step (day, week, month) that a day belongs to. */
function stepOf(day, step) {
	if (step === 'month')
		return day.slice(0, 7) + '-01';
	if (step === 'week')
		return addDays(day, -((new Date(instant(day)).getUTCDay() + 6) % 7));
	return day;
}

function nextStep(day, step) {
	return step === 'month' ? stepOf(addDays(day, 31), step) :
		addDays(day, step === 'week' ? 7 : 1);
}

/* All steps from one day to another, without gaps. */
function stepsBetween(first, last, step) {
	const list = [];

	for (let s = stepOf(first, step); s <= last; s = nextStep(s, step))
		list.push(s);
	return list;
}

/* Rows by step; the steps are those between the first and the last day. */
function byStep(rows, step) {
	const dated = rows.filter((r) => r.day !== null);
	const days = dated.map((r) => r.day).sort();
	const groups = new Map();

	if (days.length > 0)
		for (const s of stepsBetween(days[0], days[days.length - 1], step))
			groups.set(s, []);
	for (const r of dated)
		groups.get(stepOf(r.day, step)).push(r);
	return groups;
}

function sum(rows, column) {
	return rows.reduce((total, r) => total + (r[column] || 0), 0);
}
