/**
 * A campaign that a partner runs may only be launched, and changed while it runs, under a grant of its partner's
 * slot. It goes by the latest grant that it has seen and takes none before that. So whoever makes it see a grant
 * knows: what was granted before has either happened, or never will.
 */
import type { Command } from '../../model/command.ts';
import type { Failure } from '../../model/errors.ts';
import { type CommandOutcome, type Given, succeed } from './outcome.ts';
import type { CampaignState } from './state.ts';

const LAUNCHES: ReadonlySet<string> = new Set(['schedule', 'activate', 'resume']);
/** What may change how much it spends. */
const CHANGES: ReadonlySet<string> = new Set(['update', 'authorize_extra']);

/** Why a command must take a slot first, if it must. */
export function lackOfGrant(state: CampaignState, command: Command): Failure | undefined {
  const { partnerId } = state.definition;
  if (partnerId === undefined || !needsGrant(state, command.name)) return undefined;
  if (command.grant !== undefined && command.grant > state.grant) return undefined;
  return {
    code: 'aborted',
    message: `the slot of the campaign at its partner ${partnerId} was settled meanwhile; repeat`,
    slotOf: partnerId,
  };
}

/** Notes the grant under which a command was carried out. */
export function useGrant(state: CampaignState, { grant = 0 }: Command): void {
  state.grant = Math.max(state.grant, grant);
}

/** Makes the campaign see a grant, and tells what it is as of then. */
export function seeGrant(state: CampaignState, { command }: Given): CommandOutcome {
  useGrant(state, { ...command, grant: (command.payload as { readonly grant: number }).grant });
  return succeed(state);
}

function needsGrant({ status }: CampaignState, name: string): boolean {
  switch (status) {
    case 'DRAFT':
      return LAUNCHES.has(name);
    case 'SCHEDULED':
    case 'ACTIVE':
    case 'PAUSED':
      return LAUNCHES.has(name) || CHANGES.has(name);
    case 'COMPLETED':
    case 'CANCELLED':
      return false;
  }
}
