/** `embedkeep plan`: captures that come again by themselves. */
import { EXIT } from '../exit-codes.ts';
import type { Plan } from '../plan.ts';
import type { Page } from '../reader.ts';
import { query, type Server } from './connect.ts';
import { printable, printJson, table } from './output.ts';

export interface PlanFlags {
  readonly json?: boolean;
  readonly tag?: boolean;
  readonly priority?: number;
  readonly caller?: string;
  readonly state?: string;
  readonly limit?: number;
}

export async function addPlan(
  server: Server,
  { target, spec }: { target: string; spec: string },
  flags: PlanFlags,
): Promise<number> {
  const { tag, priority, caller } = flags;
  const order = {
    ...(tag ? { tag: target } : { url: target }),
    plan: spec,
    ...(priority !== undefined && { priority }),
    ...(caller !== undefined && { caller }),
  };
  return print(await server.post<Plan>('/v1/plans', order, [200]), flags);
}

export async function listPlans(server: Server, flags: PlanFlags): Promise<number> {
  const { state, limit } = flags;
  const page = await server.get<Page<Plan>>(`/v1/plans${query({ state, limit })}`);
  if (flags.json) printJson(page);
  else if (page.items.length === 0) process.stdout.write('no plans\n');
  else process.stdout.write(`${plansTable(page.items)}\n`);
  return EXIT.ok;
}

const plansTable = (plans: readonly Plan[]): string =>
  table(plans, [
    { head: 'id', of: (p) => p.id },
    { head: 'state', of: (p) => p.state },
    { head: 'next', of: (p) => p.nextAt },
    { head: 'runs', of: (p) => p.runs },
    { head: 'of', of: nameOf, most: 60 },
    { head: 'plan', of: (p) => p.spec },
  ]);

const nameOf = ({ kind, target, url }: Plan): string =>
  kind === 'tag' ? `tag ${target}` : (url ?? target);

export async function showPlan(server: Server, id: string, flags: PlanFlags): Promise<number> {
  return print(await server.get<Plan>(`/v1/plans/${encodeURIComponent(id)}`), flags);
}

export async function changePlan(
  server: Server,
  { id, verb }: { id: string; verb: 'pause' | 'resume' | 'remove' },
  flags: PlanFlags,
): Promise<number> {
  const path = `/v1/plans/${encodeURIComponent(id)}/${verb}`;
  return print(await server.post<Plan>(path, {}, [200]), flags);
}

function print(plan: Plan, { json }: PlanFlags): number {
  if (json) {
    printJson(plan);
    return EXIT.ok;
  }
  const lines = [
    `${plan.id}  ${plan.state}${plan.reason === null ? '' : `: ${plan.reason}`}`,
    `of    ${nameOf(plan)}`,
    `plan  ${plan.spec}`,
    `next  ${plan.nextAt ?? 'none'}${plan.endsAt === null ? '' : `; the last ${plan.endsAt} at the latest`}`,
    `runs  ${plan.runs} ordered so far`,
  ];
  process.stdout.write(`${lines.map(printable).join('\n')}\n`);
  return EXIT.ok;
}
