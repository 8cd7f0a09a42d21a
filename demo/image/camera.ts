/** A still from the camera: asked for, looked at, taken. The camera is off again when the dialog is. */
import { byId } from '../dom.ts';

/** @param onStill gets the picture; @param onRefused a sentence for the user */
export function camera(onStill: (still: File) => void, onRefused: (why: string) => void): void {
  const dialog = byId('camera', HTMLDialogElement);
  const video = dialog.querySelector('video')!;
  const take = byId('camera-take', HTMLButtonElement);
  let stream: MediaStream | null = null;

  async function open(): Promise<void> {
    dialog.showModal();
    try {
      // A screenful; without a wish there are cameras that give 640 × 480.
      const asked = { facingMode: 'environment', width: { ideal: 1920 }, height: { ideal: 1080 } };
      const found = await navigator.mediaDevices.getUserMedia({ video: asked });
      if (!dialog.open) return off(found);
      stream = found;
      video.srcObject = found;
      await video.play();
      take.disabled = false;
      take.focus();
    } catch (error) {
      dialog.close();
      onRefused(reasonOf(error));
    }
  }

  async function still(): Promise<File> {
    const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
    canvas.getContext('2d')?.drawImage(video, 0, 0);
    // As it is: a JPEG would bring colours of its own.
    return new File([await canvas.convertToBlob()], 'camera.png', { type: 'image/png' });
  }

  byId('camera-open', HTMLButtonElement).addEventListener('click', () => void open());
  byId('camera-close', HTMLButtonElement).addEventListener('click', () => dialog.close());
  take.addEventListener('click', () => {
    take.disabled = true;
    void still()
      .then(onStill, () => onRefused('The camera gave no picture. Try again, or open a file.'))
      .finally(() => dialog.close());
  });
  dialog.addEventListener('close', () => {
    if (stream) off(stream);
    stream = null;
    video.srcObject = null;
    take.disabled = true;
  });
}

function off(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

function reasonOf(error: unknown): string {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError')
    return 'The camera was refused. Allow it for this page in the browser, or open a file.';
  if (name === 'NotFoundError' || name === 'OverconstrainedError')
    return 'No camera was found. Connect one, or open a file.';
  if (name === 'NotReadableError')
    return 'The camera is in use by another program. Close that, or open a file.';
  return 'This page cannot use a camera here. Open a file instead.';
}
