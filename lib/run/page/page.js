/* page: the head, the choices, and when what is drawn. */

function drawHead() {
	const { from, to, zone, at, ledger, version } = page.data;
	const days = rows('days').map((r) => r.day).filter((d) => d !== null).sort();
	const text = from !== null && to !== null ? windowText(from, to) + ' · ' + plural(daysBetween(from, to), 'day', 'days') :
		from !== null ? 'From ' + dayText(from) + ' on' : to !== null ? 'Up to ' + dayText(to) : 'All days' +
		(days.length > 0 ? ', ' + windowText(days[0], days[days.length - 1]) : '');

	byId('window').textContent = text + ' · ' + zone;
	byId('facts').textContent = 'As of ' + at + ', from ' + plural(ledger.sources, 'source', 'sources') + ': ' +
		plural(ledger.lines, 'line', 'lines') + ' = ' + count(ledger.events) + ' new + ' + count(ledger.duplicates) + ' duplicate + ' +
		count(ledger.rejected) + ' rejected + ' + count(ledger.ignored) + ' ignored' +
		(ledger.run === null ? '.' : '. Last run: ' + ledger.run + ', ' + ledger.state + '.');
	byId('made').textContent = 'Made by calltally ' + (version || '') + ' from one snapshot of its database; drawn with Chart.js (MIT licence).';
	document.title = 'Call report, ' + text;
}

function drawNotices() {
	const { ledger, replaced } = page.data;
	const list = [];

	if (ledger.unfinished > 0)
		list.push(plural(ledger.unfinished, 'source is', 'sources are') + ' not read to the end.');
	if (replaced.length > 0)
		list.push('Own reports stand for the built-in ' + replaced.join(', ') + ': this page shows the built-in ones.');
	fill('notices', ...list.map((text) => node('li', null, text)));
}

/* What has colours, and is drawn anew when they change. */
function drawFigures() {
	forgetDrawings();
	drawOutcomes();
	drawRates();
	drawSentiment();
	drawCredits();
}

function drawAll() {
	drawTotals();
	drawFigures();
	drawHours();
	drawAttempts();
	drawInsights();
	drawTable();
}

/* Days where they can be told apart, else weeks, else months. */
function fittingStep() {
	const n = byStep(rows('days'), 'day').size;

	return n <= 93 ? 'day' : n <= 550 ? 'week' : 'month';
}

function offerChoices() {
	const providers = [...new Set(rowsOf(page.data.totals).map((r) => r.provider))];
	const provider = byId('provider'), step = byId('step');

	provider.append(node('option', { value: '' }, 'all'), ...providers.map((p) => node('option', { value: p }, p)));
	byId('provider-choice').hidden = providers.length < 2;
	provider.addEventListener('change', () => {
		page.provider = provider.value;
		drawAll();
	});
	step.value = page.step = fittingStep();
	step.addEventListener('change', () => {
		page.step = step.value;
		drawTotals();
		drawFigures();
	});
}

function watchColours() {
	darkScreen.addEventListener('change', drawFigures);
	for (const [event, value] of [['beforeprint', true], ['afterprint', false]])
		addEventListener(event, () => {
			printing = value;
			if (darkScreen.matches)
				drawFigures();
		});
}

function start() {
	page.data = JSON.parse(byId('data').textContent);
	drawHead();
	drawNotices();
	offerChoices();
	drawAll();
	drawRestated();
	drawDictionary();
	watchColours();
}

try {
	start();
} catch (error) {
	byId('broken').hidden = false;
	throw error;
}
