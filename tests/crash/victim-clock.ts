/** A wrong clock for this process alone: CLOCK_OFFSET_MS from the start, CLOCK_JUMP_MS more at each SIGUSR2. */

let offset = Number(process.env['CLOCK_OFFSET_MS'] ?? 0);
const jump = Number(process.env['CLOCK_JUMP_MS'] ?? 0);

if (offset !== 0 || jump !== 0) {
  const RealDate = Date;
  const now = (): number => RealDate.now() + offset;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, given, self) =>
      Reflect.construct(target, given.length > 0 ? given : [now()], self) as Date,
    apply: () => new RealDate(now()).toString(),
    get: (target, name) => (name === 'now' ? now : (Reflect.get(target, name) as unknown)),
  });
  process.on('SIGUSR2', () => {
    offset += jump;
  });
}
