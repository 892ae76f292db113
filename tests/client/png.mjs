// SPDX-License-Identifier: Apache-2.0
/*
 * A screenshot of text on plain colours, in few bytes: a palette of the colours that matter, and for each other one the nearest of them.
 * Reads what a browser writes (8 bits, RGB or RGBA, not interlaced) and drops its transparency, of which a page has none.
 */
import zlib from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const COLOURS = 64;

const CRC = Int32Array.from({ length: 256 }, (_, byte) => {
	let c = byte;
	for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
	return c;
});

function* chunks(png) {
	for (let at = SIGNATURE.length; at < png.length;) {
		const length = png.readUInt32BE(at);
		yield { type: png.toString('latin1', at + 4, at + 8), data: png.subarray(at + 8, at + 8 + length) };
		at += length + 12;
	}
}

function chunk(type, data) {
	const whole = Buffer.alloc(data.length + 12);
	whole.writeUInt32BE(data.length, 0);
	whole.write(type, 4, 'latin1');
	data.copy(whole, 8);
	let crc = -1;
	for (let i = 4; i < data.length + 8; i++) crc = CRC[(crc ^ whole[i]) & 255] ^ (crc >>> 8);
	whole.writeInt32BE(~crc, data.length + 8);
	return whole;
}

/* What a byte is guessed to be, from the ones left of it, above it, and left above it. */
function guess(filter, left, above, corner) {
	if (filter < 4) return [0, left, above, (left + above) >> 1][filter];
	const toLeft = Math.abs(above - corner), toAbove = Math.abs(left - corner), toCorner = Math.abs(left + above - 2 * corner);
	if (toLeft <= toAbove && toLeft <= toCorner) return left;
	return toAbove <= toCorner ? above : corner;
}

/* Each pixel as one number, 0xRRGGBB. */
function readPixels(png) {
	let header, packed = [];
	for (const { type, data } of chunks(png)) {
		if (type === 'IHDR') header = data;
		if (type === 'IDAT') packed.push(data);
	}
	const width = header.readUInt32BE(0), height = header.readUInt32BE(4), step = { 2: 3, 6: 4 }[header[9]];
	if (header[8] !== 8 || !step || header[12] !== 0) throw new Error('no picture of the kind that a browser writes');
	const raw = zlib.inflateSync(Buffer.concat(packed)), stride = width * step, pixels = new Uint32Array(width * height);
	let before = new Uint8Array(stride);
	for (let y = 0; y < height; y++) {
		const filter = raw[y * (stride + 1)], row = raw.subarray(y * (stride + 1) + 1, (y + 1) * (stride + 1));
		for (let i = 0; filter && i < stride; i++)
			row[i] += guess(filter, i < step ? 0 : row[i - step], before[i], i < step ? 0 : before[i - step]);
		for (let x = 0; x < width; x++) pixels[y * width + x] = (row[x * step] << 16) | (row[x * step + 1] << 8) | row[x * step + 2];
		before = row;
	}
	return { width, height, pixels };
}

function distance(a, b) {
	return ((a >> 16) - (b >> 16)) ** 2 + (((a >> 8) & 255) - ((b >> 8) & 255)) ** 2 + ((a & 255) - (b & 255)) ** 2;
}

/* The palette, and for each colour its place in it. Next comes always the colour that most is lost without: often there, or far from all that is in already. */
function choosePalette(pixels) {
	const counts = new Map();
	for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
	const colours = [...counts].map(([colour, count]) => ({ colour, count, far: 1, place: 0 })).sort((a, b) => b.count - a.count || a.colour - b.colour);
	const palette = [];
	while (palette.length < COLOURS) {
		const next = colours.reduce((best, each) => (each.count * each.far > best.count * best.far ? each : best));
		if (next.far === 0) break;
		for (const each of colours) {
			const far = distance(each.colour, next.colour);
			if (palette.length === 0 || far < each.far) Object.assign(each, { far, place: palette.length });
		}
		palette.push(next.colour);
	}
	return { palette, places: new Map(colours.map(({ colour, place }) => [colour, place])) };
}

export function squeeze(png) {
	const { width, height, pixels } = readPixels(png);
	const { palette, places } = choosePalette(pixels);
	const header = Buffer.alloc(13), colours = Buffer.alloc(palette.length * 3), rows = Buffer.alloc((width + 1) * height);
	header.writeUInt32BE(width, 0);
	header.writeUInt32BE(height, 4);
	header[8] = 8;
	header[9] = 3;
	palette.forEach((colour, i) => colours.writeUIntBE(colour, i * 3, 3));
	for (let y = 0; y < height; y++)
		for (let x = 0; x < width; x++) rows[y * (width + 1) + 1 + x] = places.get(pixels[y * width + x]);
	return Buffer.concat([SIGNATURE, chunk('IHDR', header), chunk('PLTE', colours),
		chunk('IDAT', zlib.deflateSync(rows, { level: 9, memLevel: 9 })), chunk('IEND', Buffer.alloc(0))]);
}
