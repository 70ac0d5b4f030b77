'use strict';
/* words: numbers, days and spans of time as people read them. */

const DASH = '–';
const wholes = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const decimals = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });
const fixed = new Intl.NumberFormat('en',
	{ minimumFractionDigits: 2, maximumFractionDigits: 2 });
const tenths = new Intl.NumberFormat('en',
	{ minimumFractionDigits: 1, maximumFractionDigits: 1 });
const compacts = new Intl.NumberFormat('en',
	{ notation: 'compact', maximumFractionDigits: 1 });

/* A share of nothing is not zero: it is not known. */
function rate(part, whole) {
	return whole > 0 ? part / whole : null;
}

function count(n) {
	return n === null || n === undefined ? '' : wholes.format(n);
}

/* Of amounts below each other. */
function cents(n) {
	return fixed.format(n);
}

function decimal(n) {
	return n === null || n === undefined ? '' : decimals.format(n);
}

function percent(r) {
	return r === null || r === undefined ? '' : tenths.format(100 * r) + '\u00a0%';
}

function plural(n, one, many) {
	return count(n) + ' ' + (n === 1 ? one : many);
}

/* Seconds as "2:05", from an hour on as "31.5 h". */
function span(seconds) {
	if (seconds === null || seconds === undefined)
		return '';
	if (seconds >= 3600)
		return tenths.format(seconds / 3600) + '\u00a0h';
	const s = Math.round(seconds);

	return Math.floor(s / 60) + ':' + String(s % 60).padStart(2, '0');
}

/* Days are texts "YYYY-MM-DD", and local: they are only reckoned with in UTC. */
function instant(day) {
	return Date.parse(day + 'T00:00:00Z');
}

function dayOf(instantMs) {
	return new Date(instantMs).toISOString().slice(0, 10);
}

function addDays(day, n) {
	return dayOf(instant(day) + n * 86400000);
}

function daysBetween(first, last) {
	return Math.round((instant(last) - instant(first)) / 86400000) + 1;
}

const dayFormats = {
	long: { day: 'numeric', month: 'short', year: 'numeric' },
	day: { weekday: 'short', day: 'numeric', month: 'short' },
	week: { day: 'numeric', month: 'short' },
	month: { month: 'short', year: 'numeric' },
};

for (const [name, format] of Object.entries(dayFormats))
	dayFormats[name] = new Intl.DateTimeFormat('en-GB',
		{ ...format, timeZone: 'UTC' });

function dayText(day, format = 'long') {
	return dayFormats[format].format(instant(day));
}

function windowText(from, to) {
	return dayText(from) + ' ' + DASH + ' ' + dayText(to);
}

const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday',
	'Saturday', 'Sunday'];

/* "1st", "2nd", "3rd", "4th" */
function ordinal(n) {
	const last = n % 100 > 10 && n % 100 < 14 ? 0 : n % 10;

	return n + (['th', 'st', 'nd', 'rd'][last] || 'th');
}
