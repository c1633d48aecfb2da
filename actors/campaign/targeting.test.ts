import { describe, expect, it } from 'vitest';
import type { CampaignDefinition } from '../../model/campaign.ts';
import type { Targeting } from '../../model/targeting.ts';
import type { EventActor } from '../actor.ts';
import { command, definition, NOON } from '../test-support.ts';
import { campaign } from './test-campaign.ts';

const CARIBBEAN: Targeting = { locations: ['CO-ATL'], interests: ['music'] };
const ANDES: Targeting = { locations: ['CO-ANT'], interests: ['music'], age: { from: 18, to: 30 } };

const change = (actor: EventActor, overrides: Partial<CampaignDefinition>, sequence = 10) =>
  actor.command(command('update', { payload: definition(overrides) }), NOON, sequence);

describe('the targeting of a campaign', () => {
  it('is made known when it is set, changed and taken away, and not otherwise', async () => {
    const actor = await campaign({ targeting: CARIBBEAN }, false);
    change(actor, { targeting: CARIBBEAN, name: 'Other' });
    change(actor, { targeting: ANDES, name: 'Other' }, 11);
    change(actor, { name: 'Other' }, 12);
    const told = actor.takeDomainEvents().filter(({ type }) => type === 'campaign.targeting_configured');
    expect(told.map(({ data }) => data)).toEqual([
      { targeting: CARIBBEAN, by: 'tester' },
      { targeting: ANDES, previous_targeting: CARIBBEAN, by: 'tester' },
      { previous_targeting: ANDES, by: 'tester' },
    ]);
  });

  it('is fixed once the campaign is launched', async () => {
    const actor = await campaign({ targeting: CARIBBEAN });
    expect(change(actor, { targeting: ANDES })).toMatchObject({
      ok: false,
      failure: {
        code: 'failed_precondition',
        violations: [{ field: 'targeting', description: 'cannot be changed after the launch' }],
      },
    });
    expect(change(actor, { targeting: CARIBBEAN, name: 'Other' })).toMatchObject({ ok: true });
    expect(actor.query('campaign', NOON)).toMatchObject({ targeting: CARIBBEAN });
  });
});
