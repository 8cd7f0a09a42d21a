/**
 * A palette in the forms that others read: style sheets, JSON, GIMP and Adobe's programs. Palettes are RGBA
 * bytes, four an entry; entries keep their order.
 */
import { refuse } from '../../errors.ts';

/**
 * CSS custom properties: `:root { --color-0: #rrggbb; … }`, `#rrggbbaa` for entries that are not opaque.
 *
 * @param prefix - of the names, before `-0`, `-1`, …; a CSS identifier. Default `color`
 */
export function toCss(palette: Uint8Array, prefix = 'color'): string {
  if (!/^[a-z_][\w-]*$/i.test(prefix))
    refuse(
      'prefix',
      prefix,
      'letters, digits, - and _, beginning with a letter',
      "Pass 'color', for example.",
    );
  const lines = hexes(palette).map((hex, i) => `  --${prefix}-${i}: ${hex};\n`);
  return `:root {\n${lines.join('')}}\n`;
}

/** JSON: an array of `#rrggbb`, or `#rrggbbaa` for entries that are not opaque. */
export function toJson(palette: Uint8Array): string {
  return `${JSON.stringify(hexes(palette), null, 2)}\n`;
}

/** A palette for GIMP, Inkscape and Krita. The format has no alpha: it is left out. */
export function toGpl(palette: Uint8Array, name = 'centroids'): string {
  // A name is the rest of its line.
  const title = name.replace(/[\r\n]+/g, ' ');
  const lines = hexes(palette).map((hex, i) => {
    const rgb = [...palette.subarray(4 * i, 4 * i + 3)].map((byte) => `${byte}`.padStart(3));
    return `${rgb.join(' ')}\t${hex}\n`;
  });
  return `GIMP Palette\nName: ${title}\nColumns: 16\n#\n${lines.join('')}`;
}

/**
 * An Adobe Swatch Exchange file, for Photoshop, Illustrator and InDesign. The format has no alpha: it is
 * left out. Big-endian, without gaps:
 *
 *   4 × u8   "ASEF"
 *   2 × u16  version: 1, 0
 *   u32      blocks: one an entry
 *   each     u16 0x0001, a colour; u32 bytes that follow in the block;
 *            u16 units of the name with its closing zero, the name in UTF-16: #RRGGBB;
 *            4 × u8 "RGB "; 3 × f32 red, green, blue from 0 to 1; u16 kind: 2, an ordinary one
 */
export function toAse(palette: Uint8Array): Uint8Array<ArrayBuffer> {
  const names = hexes(palette).map((hex) => hex.slice(0, 7).toUpperCase());
  const bytesOf = (name: string) => 2 + 2 * (name.length + 1) + 4 + 3 * 4 + 2;
  const length = names.reduce((sum, name) => sum + 6 + bytesOf(name), 12);
  const view = new DataView(new ArrayBuffer(length));
  let at = 0;
  const ascii = (text: string) => {
    for (const letter of text) view.setUint8(at++, letter.charCodeAt(0));
  };
  const u16 = (value: number) => view.setUint16((at += 2) - 2, value);
  const u32 = (value: number) => view.setUint32((at += 4) - 4, value);
  ascii('ASEF');
  u16(1);
  u16(0);
  u32(names.length);
  for (const [i, name] of names.entries()) {
    u16(0x0001);
    u32(bytesOf(name));
    u16(name.length + 1);
    for (const letter of `${name}\0`) u16(letter.charCodeAt(0));
    ascii('RGB ');
    for (let t = 0; t < 3; t++) view.setFloat32((at += 4) - 4, palette[4 * i + t] / 255);
    u16(2);
  }
  return new Uint8Array(view.buffer);
}

/** '#rrggbb' of every entry, with alpha '#rrggbbaa'. */
export function hexes(palette: Uint8Array): string[] {
  return Array.from({ length: palette.length / 4 }, (_, i) => {
    const [red, green, blue, alpha] = palette.subarray(4 * i, 4 * i + 4);
    const bytes = alpha === 255 ? [red, green, blue] : [red, green, blue, alpha];
    return `#${bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
  });
}
