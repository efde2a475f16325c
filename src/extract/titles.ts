/** Whether two headlines or addresses are the same article's: pages write them with and without the site's name, in other quotes and cases. */

const squeeze = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');

export function sameTitle(a: string, b: string): boolean {
  const [x, y] = [squeeze(a), squeeze(b)];
  return x !== '' && y !== '' && (x.includes(y) || y.includes(x));
}

const TRAILING_SLASHES = /\/+$/;

/** Whether the address leads to the page at `own`. */
export function samePath(address: string, own: string): boolean {
  const here = URL.parse(own);
  const there = URL.parse(address, own);
  if (!here || !there) return false;
  const strip = (path: string): string => path.replace(TRAILING_SLASHES, '').toLowerCase();
  return (
    strip(here.pathname) === strip(there.pathname) ||
    strip(here.pathname).endsWith(`/${address.toLowerCase()}`)
  );
}
