/** The photographs that come with the page; photos/README.md has where they are from. */
import type { Photo } from '../settings.ts';

/** A picture, and what it is called. */
export interface Source {
  file: Blob;
  /** As text: it may be anything. */
  name: string;
  credit: string;
  photo: Photo | null;
}

const PHOTOS: Record<Photo, { url: URL; name: string; credit: string }> = {
  china: {
    url: new URL('../photos/china.jpg', import.meta.url),
    name: 'Summer Palace',
    credit: 'Daniel Buechele, CC BY 2.0',
  },
  flower: {
    url: new URL('../photos/flower.jpg', import.meta.url),
    name: 'Flower',
    credit: 'vultilion, CC BY 2.0',
  },
};

export const photoUrl = (photo: Photo) => PHOTOS[photo].url.href;

/** @throws Error in words for the user */
export async function loadPhoto(photo: Photo): Promise<Source> {
  const { url, name, credit } = PHOTOS[photo];
  try {
    const response = await fetch(url);
    if (!response.ok) throw new Error(response.statusText);
    return { file: await response.blob(), name, credit, photo };
  } catch {
    throw new Error('The embedded photo could not be loaded. Choose one of your own.');
  }
}

export function ownPicture(file: File): Source {
  return { file, name: file.name || 'The pasted picture', credit: '', photo: null };
}
