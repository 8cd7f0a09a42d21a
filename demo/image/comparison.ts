/** Two pictures in one place, and where one ends and the other begins: the knob lies over both. */
import { byId } from '../dom.ts';

/** Up to this many pixels a side each of them is shown as a square: drawings of pixels and icons. */
const TINY = 256;

export interface Comparison {
  /** A new picture, which has nothing beside it yet. */
  showBefore(bitmap: ImageBitmap, name: string): void;
  showAfter(bitmap: ImageBitmap, name: string): void;
}

export function comparison(): Comparison {
  const box = byId('compare', HTMLElement);
  const before = byId('before', HTMLCanvasElement);
  const after = byId('after', HTMLCanvasElement);
  const split = byId('split', HTMLInputElement);
  const onSplit = () => {
    box.style.setProperty('--split', `${split.value}%`);
    split.setAttribute('aria-valuetext', `${split.value} % before`);
  };
  split.addEventListener('input', onSplit);
  onSplit();
  return {
    showBefore(bitmap, name) {
      box.style.setProperty('--ratio', String(bitmap.width / bitmap.height));
      box.classList.add('without-after');
      box.classList.toggle('tiny', Math.max(bitmap.width, bitmap.height) <= TINY);
      present(before, bitmap);
      before.setAttribute('aria-label', `${name}, before`);
    },
    showAfter(bitmap, name) {
      box.classList.remove('without-after');
      present(after, bitmap);
      after.setAttribute('aria-label', `${name}, in fewer colours`);
    },
  };
}

/** Puts a bitmap on a canvas without copying it. */
function present(canvas: HTMLCanvasElement, bitmap: ImageBitmap): void {
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  canvas.getContext('bitmaprenderer')?.transferFromImageBitmap(bitmap);
}
