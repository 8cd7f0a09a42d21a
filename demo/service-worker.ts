/**
 * Keeps the page for times without a network: all files of the page as it was built, and of the manual what
 * was read. A new version takes over when no tab has the old one any more, so that none loses its files.
 */
import { cleanupOutdatedCaches, precacheAndRoute, type PrecacheEntry } from 'workbox-precaching';
import { registerRoute } from 'workbox-routing';
import { StaleWhileRevalidate } from 'workbox-strategies';

/** Every file of the page: tools/offline.ts puts them here. */
declare const FILES: PrecacheEntry[];

precacheAndRoute(FILES, { ignoreURLParametersMatching: [/./] }); // the address says what is clustered
cleanupOutdatedCaches();
registerRoute(
  ({ sameOrigin, url }) => sameOrigin && url.pathname.includes('/manual/'),
  new StaleWhileRevalidate({ cacheName: 'manual' }),
);
