import { describe, expect, test } from 'vitest';
import { cleanEnvironment } from '../support/environment.ts';
import { TestProcess } from '../support/process.ts';
import { TURNPIKE } from '../support/project.ts';
import { Server } from '../support/server.ts';
import { temporaryFolder } from '../support/temporary.ts';

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function turnpike(args: readonly string[], settings: Record<string, string> = {}): Promise<Outcome> {
  await using child = new TestProcess(process.execPath, [TURNPIKE, ...args], cleanEnvironment(settings));
  const { code } = await child.exited;
  return { code, stdout: child.stdout, stderr: child.stderr };
}

describe('the program', () => {
  test('tells its version and its help', async () => {
    expect(await turnpike(['--version'])).toMatchObject({ code: 0, stderr: '' });
    expect(await turnpike(['--help'])).toMatchObject({ code: 0, stderr: '' });
  });

  test('refuses a wrong option on one line with exit code 2', async () => {
    expect(await turnpike(['demo', '--evnts', '5'])).toEqual({
      code: 2,
      stdout: '',
      stderr: "turnpike: unknown option '--evnts' (Did you mean --events?)\n",
    });
  });

  test('refuses a wrong setting on one line with exit code 2, whatever the command', async () => {
    for (const command of ['start', 'migrate', 'demo']) {
      expect(await turnpike([command], { TURNPIKE_INGEST_PORT: 'x' })).toEqual({
        code: 2,
        stdout: '',
        stderr: 'turnpike: TURNPIKE_INGEST_PORT is "x": set it to a port from 0 to 65535 (0: any free one)\n',
      });
    }
  });

  test('refuses to replay a file that is not there', async () => {
    using folder = temporaryFolder('replay');
    const { code, stderr } = await turnpike(['replay', `${folder.path}/none.csv`]);
    expect([code, stderr]).toEqual([2, `turnpike: there is no file ${folder.path}/none.csv\n`]);
  });
});

describe('turnpike migrate', () => {
  test('creates the warehouse and says how, and finds nothing to do the second time', async () => {
    using folder = temporaryFolder('migrate');
    const settings = { TURNPIKE_DATA_DIR: folder.path };
    const first = await turnpike(['migrate'], settings);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toMatch(/decided_events(.|\n)*the warehouse is up to date now\n$/);
    expect(await turnpike(['migrate'], settings)).toEqual({
      code: 0,
      stdout: 'the warehouse is up to date\n',
      stderr: '',
    });
  });

  test('leaves the data of a running server alone', async () => {
    await using server = await Server.start();
    const { code, stderr } = await turnpike(['migrate'], { TURNPIKE_DATA_DIR: server.dataDirectory });
    expect(code).toBe(2);
    expect(stderr).toContain(
      `turnpike: TURNPIKE_DATA_DIR is ${server.dataDirectory}, which another process uses: `,
    );
    expect((await fetch(`${server.addresses.ingest}/readyz`)).status).toBe(200);
  });
});
