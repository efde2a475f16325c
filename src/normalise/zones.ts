/** Zone abbreviations in minutes east of UTC: those of RFC 5322 and the ones that German and French pages print. */
export const ZONE_MINUTES: ReadonlyMap<string, number> = new Map([
  ['utc', 0],
  ['gmt', 0],
  ['z', 0],
  // Telugu writes its ending on to the abbreviation
  ['utcకి', 0],
  ['gmtకి', 0],
  ['est', -300],
  ['edt', -240],
  // also China's: known as a zone, its offset isn't
  ['cst', Number.NaN],
  ['cdt', -300],
  ['mst', -420],
  ['mdt', -360],
  ['pst', -480],
  ['pdt', -420],
  ['cet', 60],
  ['cest', 120],
  ['mez', 60],
  ['mesz', 120],
]);
