/** Where pictures come from: the file chooser, the camera, the embedded photos. */
import { byId } from '../dom.ts';
import type { Photo } from '../settings.ts';
import { camera } from './camera.ts';
import { loadPhoto, ownPicture, photoUrl, type Source } from './sources.ts';

export interface SourceControls {
  openPhoto(photo: Photo): Promise<void>;
  openFile(file: File): void;
  /** Marks the photo on the screen, if it is one of the embedded. */
  mark(photo: Photo | null): void;
}

/** @param open gets what was chosen; @param refuse why there is nothing to open */
export function sourceControls(
  panel: HTMLElement,
  open: (source: Source) => void,
  refuse: (why: string) => void,
): SourceControls {
  /** So that a photo that took long to load does not come after what was chosen later. */
  let newest = 0;
  const thumbs = [...panel.querySelectorAll<HTMLButtonElement>('[data-photo]')];

  const openFile = (file: File) => {
    newest++;
    open(ownPicture(file));
  };
  const openPhoto = async (photo: Photo) => {
    const mine = ++newest;
    try {
      const loaded = await loadPhoto(photo);
      if (mine === newest) open(loaded);
    } catch (error) {
      if (mine === newest) refuse((error as Error).message);
    }
  };

  for (const thumb of thumbs) {
    const photo = thumb.dataset.photo as Photo;
    thumb.querySelector('img')!.src = photoUrl(photo);
    thumb.addEventListener('click', () => void openPhoto(photo));
  }
  const chooser = byId('file', HTMLInputElement);
  chooser.addEventListener('change', () => {
    const file = chooser.files?.[0];
    if (file) openFile(file);
    chooser.value = ''; // the same file again is a choice too
  });
  camera(openFile, refuse);

  return {
    openPhoto,
    openFile,
    mark(photo) {
      for (const thumb of thumbs)
        thumb.setAttribute('aria-pressed', String(thumb.dataset.photo === photo));
    },
  };
}
