import { status as Code, credentials, type ServiceError } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type DeadLetter,
  encodeLetter,
  type LetterReplay,
  letterId,
  letterKey,
  replayKey,
} from '../../model/dead-letter.ts';
import { REASONS } from '../../model/decision.ts';
import { TurnpikeError } from '../../model/errors.ts';
import { partitionOf } from '../../model/fingerprint.ts';
import {
  AdminServiceClient,
  type ListDeadLettersResponse,
} from '../../proto/generated/turnpike/v1/admin_service.ts';
import { DeadLetterKind, DeadLetterStatus } from '../../proto/generated/turnpike/v1/dead_letter.ts';
import { DecisionStatus, EventType } from '../../proto/generated/turnpike/v1/tracking.ts';
import { detailsOf, failureOf } from './grpc-client.ts';
import { type Answer, send } from './http-client.ts';
import { ManagementSystem, NOW, PARTITIONS } from './management-system.ts';

const SUMMER = partitionOf('summer', PARTITIONS);
const OTHER = (SUMMER + 1) % PARTITIONS;

let system: ManagementSystem;
beforeEach(async () => {
  system = await ManagementSystem.start();
});
afterEach(() => system?.[Symbol.asyncDispose]());

const rest = (target: string): Promise<Answer> => send(system.http, target);

const common = (partition: number, sequence: number) => ({
  id: letterId({ partition, sequence, row: 0 }),
  partition,
  sequence,
  row: 0,
  time: NOW,
  reason: REASONS.processing_failed,
  error: 'TypeError: x is undefined',
});

function keep(letter: DeadLetter, replay?: LetterReplay): DeadLetter {
  system.snapshots.put(letterKey(letter), encodeLetter(letter));
  if (replay) system.snapshots.put(replayKey(letter), encodeLetter(replay));
  return letter;
}

const event = (sequence: number, campaignId = 'summer', partition = SUMMER): DeadLetter => ({
  kind: 'EVENT',
  ...common(partition, sequence),
  campaignId,
  eventId: `e${sequence}`,
  type: 'click',
  record: 'AAAA',
});
const command = (sequence: number): DeadLetter => ({
  kind: 'COMMAND',
  ...common(SUMMER, sequence),
  command: { commandId: 'k1', actorKind: 'campaign', actorId: 'summer', name: 'pause', by: 'ana' },
});
const record = (sequence: number): DeadLetter => ({
  kind: 'RECORD',
  ...common(OTHER, sequence),
  record: 'CQkJ',
});
const REPLAY: LetterReplay = {
  time: NOW + 1_000,
  by: 'ana',
  decisionId: 'b-20-0',
  reason: REASONS.budget_exhausted,
};

describe('GET /v1/dead-letters', () => {
  test('tells of each what failed, when, why, and what became of it', async () => {
    keep(event(10), REPLAY);
    keep(command(11));
    const { status, body } = await rest('GET /v1/dead-letters');
    expect(status).toBe(200);
    const failed = {
      reason: 'processing_failed',
      error: 'TypeError: x is undefined',
      failed_at: '2026-11-22T12:34:56.789Z',
      campaign_id: 'summer',
    };
    expect(body).toEqual({
      dead_letters: [
        {
          ...failed,
          id: letterId(event(10)),
          kind: 'EVENT',
          status: 'REPLAYED',
          event_id: 'e10',
          event_type: 'click',
          replay: {
            replayed_at: '2026-11-22T12:34:57.789Z',
            by: 'ana',
            decision: { id: 'b-20-0', status: 'pending', reason_code: 400, reason: 'budget_exhausted' },
          },
        },
        {
          ...failed,
          id: letterId(command(11)),
          kind: 'COMMAND',
          status: 'FAILED',
          command: { command_id: 'k1', name: 'pause', actor: 'campaign/summer', by: 'ana' },
        },
      ],
      next_page_token: '',
    });
  });

  test('shows no bytes of what it keeps', async () => {
    keep(record(1));
    keep(event(2));
    const { body } = await rest('GET /v1/dead-letters');
    expect(JSON.stringify(body)).not.toMatch(/CQkJ|AAAA/);
  });

  test('waits until the letters of what was answered are there, once', async () => {
    for (let sequence = 1; sequence <= 3; sequence++) keep(event(sequence));
    const first = await rest('GET /v1/dead-letters?page_size=2');
    await rest(`GET /v1/dead-letters?page_size=2&page_token=${first.body.next_page_token}`);
    expect(system.actors.savings).toEqual(['*']);
  });

  test('gives pages that neither repeat nor leave out, replayed or not', async () => {
    const letters = Array.from({ length: 7 }, (_, index) =>
      keep(event(index + 1), index % 2 === 0 ? REPLAY : undefined),
    );
    const found: string[] = [];
    let token = '';
    do {
      const { body } = await rest(`GET /v1/dead-letters?page_size=3&page_token=${token}`);
      expect(body.dead_letters.length).toBeLessThanOrEqual(3);
      found.push(...body.dead_letters.map(({ id }: { id: string }) => id));
      token = body.next_page_token;
    } while (token !== '');
    expect(found).toEqual(letters.map(({ id }) => id));
  });

  test('keeps to one campaign, and to its partition', async () => {
    keep(event(1));
    keep(event(2, 'another'));
    keep(command(3));
    keep(record(4));
    const { body } = await rest('GET /v1/dead-letters?campaign_id=summer');
    expect(body.dead_letters.map(({ id }: { id: string }) => id)).toEqual([
      letterId(event(1)),
      letterId(command(3)),
    ]);
    expect(system.actors.savings).toEqual([SUMMER]);
  });

  test.each(['page_size=-1', 'page_token=x', 'campaign_id=%20'])('refuses %s', async (query) => {
    expect(await rest(`GET /v1/dead-letters?${query}`)).toMatchObject({
      status: 400,
      body: { code: 'invalid_argument' },
    });
  });
});

describe('GET /v1/dead-letters/{id}', () => {
  test('gives the letter once everything before is saved', async () => {
    const { id } = keep(event(10));
    const { status, body } = await rest(`GET /v1/dead-letters/${id}`);
    expect([status, body.id, body.status]).toEqual([200, id, 'FAILED']);
    expect(system.actors.savings).toEqual([SUMMER]);
  });

  test.each(['0-1-0', 'zzzz-1-0', '00-1-0', '0-1'])('says of %s that there is none', async (id) => {
    keep(event(10));
    const { status } = await rest(`GET /v1/dead-letters/${id}`);
    expect(status).toBe(id === '0-1' ? 400 : 404);
  });
});

describe('POST /v1/dead-letters/{id}:replay', () => {
  const replay = ({ id }: DeadLetter): Promise<Answer> => rest(`POST /v1/dead-letters/${id}:replay`);

  test('sends the event to its campaign, and tells what was decided', async () => {
    const letter = keep(event(10));
    system.actors.replay = () => ({ ok: true, view: REPLAY });
    const { status, body } = await replay(letter);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id: letter.id,
      status: 'REPLAYED',
      replay: { by: 'ana', decision: { id: 'b-20-0', status: 'pending' } },
    });
    expect(system.actors.commands).toMatchObject([
      {
        actorKind: 'campaign',
        actorId: 'summer',
        name: 'replay_letter',
        payload: { letterId: letter.id, record: 'AAAA' },
        principal: { subject: 'operator' },
      },
    ]);
  });

  test('of a letter that was replayed before gives it as it is, and sends nothing', async () => {
    const { status, body } = await replay(keep(event(10), REPLAY));
    expect([status, body.replay.by]).toEqual([200, 'ana']);
    expect(system.actors.commands).toEqual([]);
  });

  test('gives what became of it to whoever was not the quickest', async () => {
    const letter = keep(event(10));
    system.actors.replay = () => {
      keep(letter, REPLAY);
      return { ok: false, failure: { code: 'already_exists', message: 'before' } };
    };
    expect(await replay(letter)).toMatchObject({ status: 200, body: { status: 'REPLAYED' } });
  });

  test('tells why the campaign refuses', async () => {
    system.actors.replay = () => ({
      ok: false,
      failure: { code: 'failed_precondition', message: 'PAUSED', state: 'PAUSED' },
    });
    expect(await replay(keep(event(10)))).toMatchObject({ status: 409, body: { state: 'PAUSED' } });
  });

  test('of a command says to send it again', async () => {
    expect(await replay(keep(command(11)))).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('the command pause by ana: send the command again') },
    });
  });

  test('of a record that nobody can read says so', async () => {
    expect(await replay(keep(record(12)))).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('could not be read') },
    });
  });

  test('says that the outcome is unknown where it is', async () => {
    const letter = keep(event(10));
    system.actors.replay = () => {
      throw new TurnpikeError({ code: 'deadline_exceeded', message: 'late' });
    };
    expect(await replay(letter)).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
  });
});

describe('AdminService', () => {
  let client: AdminServiceClient;
  beforeEach(() => {
    client = new AdminServiceClient(system.grpc, credentials.createInsecure());
  });
  afterEach(() => client?.close());

  function promise<A>(run: (done: (error: ServiceError | null, answer: A) => void) => unknown): Promise<A> {
    return new Promise((resolve, reject) => {
      run((error, answer) => (error ? reject(error) : resolve(answer)));
    });
  }

  test('lists letters by campaign, in pages', async () => {
    keep(event(1), REPLAY);
    keep(event(2, 'another'));
    keep(command(3));
    const list = (pageToken: string): Promise<ListDeadLettersResponse> =>
      promise((done) => client.listDeadLetters({ campaignId: 'summer', pageSize: 1, pageToken }, done));
    const first = await list('');
    expect(first.deadLetters).toEqual([
      {
        id: letterId(event(1)),
        kind: DeadLetterKind.EVENT,
        status: DeadLetterStatus.REPLAYED,
        campaignId: 'summer',
        eventId: 'e1',
        eventType: EventType.CLICK,
        command: undefined,
        reason: 'processing_failed',
        error: 'TypeError: x is undefined',
        failedAt: { seconds: BigInt(Math.floor(NOW / 1_000)), nanos: 789_000_000 },
        replay: {
          replayedAt: { seconds: BigInt(Math.floor(NOW / 1_000) + 1), nanos: 789_000_000 },
          by: 'ana',
          decision: {
            id: 'b-20-0',
            status: DecisionStatus.PENDING,
            reasonCode: 400,
            reason: 'budget_exhausted',
          },
        },
      },
    ]);
    const second = await list(first.nextPageToken);
    expect(second.deadLetters).toMatchObject([
      { kind: DeadLetterKind.COMMAND, command: { name: 'pause', actor: 'campaign/summer' } },
    ]);
    expect(second.nextPageToken).toBe('');
  });

  test('gives and replays a letter', async () => {
    const { id } = keep(event(10));
    system.actors.replay = () => ({ ok: true, view: REPLAY });
    const before = await promise((done) => client.getDeadLetter({ id }, done));
    expect(before).toMatchObject({ id, status: DeadLetterStatus.FAILED, replay: undefined });
    const after = await promise((done) => client.replayDeadLetter({ id }, done));
    expect(after).toMatchObject({ id, status: DeadLetterStatus.REPLAYED, replay: { by: 'ana' } });
  });

  test('names the letter that there is not', async () => {
    const error = await failureOf(promise((done) => client.getDeadLetter({ id: '0-1-0' }, done)));
    expect(error.code).toBe(Code.NOT_FOUND);
    expect(detailsOf(error)).toMatchObject({
      ResourceInfo: { resourceType: 'turnpike.v1.DeadLetter', resourceName: '0-1-0' },
    });
  });
});
