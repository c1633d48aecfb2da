/**
 * The settings of the tests themselves, all optional. They are not named `TURNPIKE_…`: the product
 * refuses settings that it does not know, and the processes under test inherit the environment.
 */

function integer(name: string, otherwise: number): number {
  const text = process.env[name];
  if (text === undefined || text === '') return otherwise;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0)
    throw new Error(`${name} must be a whole number, not ${text}`);
  return value;
}

/** Sizes of the tests that can be made larger; the defaults suit every run. */
export const sizes = {
  /** Events of the demo. */
  demoEvents: integer('E2E_DEMO_EVENTS', 20_000),
  /** How often the process is killed. */
  kills: integer('E2E_KILLS', 4),
  /** Hostile inputs. */
  hostileInputs: integer('E2E_HOSTILE', 10_000),
  /** Seconds of the chaos run, and for how many Redis is away in the scenarios about that. */
  chaosSeconds: integer('CHAOS_SECONDS', 45),
  redisAwaySeconds: integer('CHAOS_REDIS_AWAY_SECONDS', 8),
};

/** Seed of what is random; printed with every failure, so that it can be repeated. */
export const seed = integer('E2E_SEED', 20_261_105);

/** The environment of a process under test: this one's, without settings of the product. */
export function cleanEnvironment(settings: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(process.env)) {
    // Vitest's NODE_OPTIONS and its own variables belong to this process only.
    if (/^(TURNPIKE_|VITEST|NODE_OPTIONS$|NODE_ENV$)/.test(name)) continue;
    environment[name] = value;
  }
  return { ...environment, ...settings };
}
