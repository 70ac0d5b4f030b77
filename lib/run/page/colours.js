/*
 * colours: the palette of Okabe and Ito, which colour-blind eyes tell apart.
 * A hue is a family of outcomes; its members differ by pattern.
 */

const HUES = {
	light: {
		green: '#009E73', sky: '#56B4E9', orange: '#E69F00', red: '#D55E00',
		pink: '#CC79A7', yellow: '#E3CF1D', blue: '#0072B2', grey: '#8A8F98',
	},
	dark: {
		green: '#1DB88C', sky: '#56B4E9', orange: '#E69F00', red: '#E8743B',
		pink: '#D48BB3', yellow: '#F0E442', blue: '#5AA9E0', grey: '#9AA0AA',
	},
};

/* The buckets in the order in which they are stacked; the names are those of the columns. */
const OUTCOMES = [
	['completed', 'green', 'plain'],
	['transferred', 'green', 'stripes'],
	['ended', 'green', 'dots'],
	['timeout', 'green', 'grid'],
	['voicemail', 'sky', 'plain'],
	['no_answer', 'orange', 'plain'],
	['busy', 'orange', 'stripes'],
	['failed', 'red', 'plain'],
	['aborted', 'red', 'stripes'],
	['invalid', 'red', 'dots'],
	['rescheduled', 'pink', 'plain'],
	['queued', 'yellow', 'plain'],
	['in_progress', 'yellow', 'stripes'],
	['skipped', 'grey', 'plain'],
	['other', 'grey', 'grid'],
];

const SENTIMENTS = [
	['positive', 'green', 'plain'],
	['neutral', 'sky', 'plain'],
	['negative', 'red', 'stripes'],
	['unknown', 'grey', 'dots'],
];

/* What is printed is light, whatever the screen is. */
const darkScreen = matchMedia('(prefers-color-scheme: dark)');
let printing = false;

function isDark() {
	return darkScreen.matches && !printing;
}

function hue(name) {
	return HUES[isDark() ? 'dark' : 'light'][name];
}

function ink(strong) {
	if (strong)
		return isDark() ? '#E8EAED' : '#1F2328';
	return isDark() ? '#A9B0BA' : '#59616B';
}

function lineColour() {
	return isDark() ? '#343A43' : '#E3E6EA';
}

function paper() {
	return isDark() ? '#1B1F25' : '#FFFFFF';
}

/* Lines of the paper's colour over a tile of the hue, 8 by 8, as [x, y, x, y]. */
const LINES = {
	stripes: [[-2, 10, 10, -2], [-2, 2, 2, -2], [6, 10, 10, 6]],
	grid: [[4, 0, 4, 8], [0, 4, 8, 4]],
};

function rule(g, pattern) {
	g.beginPath();
	for (const [x1, y1, x2, y2] of LINES[pattern]) {
		g.moveTo(x1, y1);
		g.lineTo(x2, y2);
	}
	g.stroke();
}

function dot(g, x, y) {
	g.beginPath();
	g.arc(x, y, 1.3, 0, 2 * Math.PI);
	g.fill();
}

function tile(name, pattern) {
	const canvas = document.createElement('canvas');
	const g = canvas.getContext('2d');

	canvas.width = canvas.height = 8;
	g.fillStyle = hue(name);
	g.fillRect(0, 0, 8, 8);
	g.strokeStyle = g.fillStyle = paper();
	g.lineWidth = 1.6;
	if (pattern === 'dots') {
		dot(g, 2, 2);
		dot(g, 6, 6);
	} else {
		rule(g, pattern);
	}
	return canvas;
}

/* A fill for a canvas. */
function paint(name, pattern) {
	if (pattern === 'plain')
		return hue(name);
	return document.createElement('canvas').getContext('2d')
		.createPattern(tile(name, pattern), 'repeat');
}

/* The same as a small square, for a legend. */
function swatch(name, pattern) {
	const canvas = node('canvas', { class: 'swatch', width: 14, height: 14, 'aria-hidden': 'true' });
	const g = canvas.getContext('2d');

	g.fillStyle = paint(name, pattern);
	g.fillRect(0, 0, 14, 14);
	return canvas;
}
