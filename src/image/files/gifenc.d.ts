/** What is used of gifenc 1.0.3, which has no types of its own. */
declare module 'gifenc' {
  export interface FrameOptions {
    /** Rows of red, green, blue. */
    palette: number[][];
    /** Bits of an index, 1 to 8. */
    colorDepth: number;
    /** Milliseconds. */
    delay: number;
    /** −1: once, 0: for ever, otherwise so many times more. */
    repeat: number;
    transparent: boolean;
    transparentIndex: number;
    /** The disposal method of GIF89a. */
    dispose: number;
  }

  export interface Encoder {
    writeFrame(indices: Uint8Array, width: number, height: number, options: FrameOptions): void;
    finish(): void;
    bytes(): Uint8Array;
  }

  export function GIFEncoder(): Encoder;
}
