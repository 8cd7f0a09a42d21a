/** Reads GIF files as the specification says (GIF89a), for what writes them. */

export interface ReadFrame {
  /** RGBA, row by row, of this frame alone. */
  data: Uint8Array;
  width: number;
  height: number;
  /** Hundredths of a second. */
  delay: number;
  disposal: number;
}

export function readGif(bytes: Uint8Array): { frames: ReadFrame[]; repeats: number | null } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (Buffer.from(bytes.subarray(0, 6)).toString() !== 'GIF89a') throw new Error('no GIF89a');
  let at = 10;
  const table = (flags: number) => {
    const size = 3 * 2 ** ((flags & 7) + 1);
    return bytes.subarray((at += size) - size, at);
  };
  at += 3;
  const global = table(bytes[10]);
  const frames: ReadFrame[] = [];
  let repeats: number | null = null;
  let control = { delay: 0, disposal: 0, transparent: -1 };
  for (;;) {
    const block = bytes[at++];
    if (block === 0x3b) break;
    if (block === 0x21) {
      const label = bytes[at++];
      const content = subBlocks();
      if (label === 0xf9)
        control = {
          delay: content[1] | (content[2] << 8),
          disposal: (content[0] >> 2) & 7,
          transparent: content[0] & 1 ? content[3] : -1,
        };
      else if (Buffer.from(content.slice(0, 11)).toString() === 'NETSCAPE2.0')
        repeats = content[12] | (content[13] << 8);
      continue;
    }
    if (block !== 0x2c) throw new Error(`block ${block}`);
    const [width, height] = [view.getUint16(at + 4, true), view.getUint16(at + 6, true)];
    const flags = bytes[at + 8];
    at += 9;
    const colours = flags & 0x80 ? table(flags) : global;
    const codeBits = bytes[at++];
    const indices = unpacked(subBlocks(), codeBits);
    if (indices.length !== width * height) throw new Error(`${indices.length} pixels`);
    const data = Uint8Array.from(
      indices.flatMap((i) => [
        ...(i === control.transparent ? [0, 0, 0] : colours.subarray(3 * i, 3 * i + 3)),
        i === control.transparent ? 0 : 255,
      ]),
    );
    frames.push({ data, width, height, delay: control.delay, disposal: control.disposal });
  }
  if (at !== bytes.length) throw new Error('bytes after the end');
  return { frames, repeats };

  function subBlocks(): number[] {
    const content: number[] = [];
    for (let size = bytes[at++]; size > 0; size = bytes[at++])
      for (let i = 0; i < size; i++) content.push(bytes[at++]);
    return content;
  }
}

/** LZW with codes of growing length. */
function unpacked(bytes: number[], codeBits: number): number[] {
  const clear = 2 ** codeBits;
  let words: number[][] = [];
  let bits = codeBits + 1;
  let last: number[] | null = null;
  const out: number[] = [];
  for (let position = 0; ;) {
    let code = 0;
    for (let bit = 0; bit < bits; bit++)
      code |= ((bytes[(position + bit) >> 3] >> ((position + bit) & 7)) & 1) << bit;
    position += bits;
    if (code === clear) {
      words = Array.from({ length: clear + 2 }, (_, i) => [i]);
      bits = codeBits + 1;
      last = null;
      continue;
    }
    if (code === clear + 1) break;
    const word: number[] = words[code] ?? [...(last ?? []), (last ?? [])[0]];
    out.push(...word);
    if (last && words.length < 4096) words.push([...last, word[0]]);
    if (words.length === 2 ** bits && bits < 12) bits++;
    last = word;
  }
  return out;
}
