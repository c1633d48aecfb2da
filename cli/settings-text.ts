/** The settings as text: for `--help` and for `docs/configuration.md`. */
import { ALL_SETTINGS, shownDefault } from '../settings.ts';

/** Width that help is wrapped to. */
const WIDTH = 100;
const INDENT = '      ';

function wrapped(text: string, indent: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent.length + line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].map((part) => `${indent}${part}`).join('\n');
}

/** All settings with their defaults, for the end of a command's help. */
export function settingsHelp(): string {
  const entries = ALL_SETTINGS.map(
    (setting) =>
      `  ${setting.name}  (default: ${shownDefault(setting)})\n${wrapped(setting.description, INDENT)}`,
  );
  return `Settings, from the environment:\n${entries.join('\n')}\n`;
}

/** Keeps a text from ending its table cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

/** The text of `docs/configuration.md`. */
export function configurationPage(): string {
  const rows = ALL_SETTINGS.map((setting) => {
    const standard =
      setting.defaultText === undefined ? `\`${setting.default ?? ''}\`` : cell(setting.defaultText);
    const expected = cell(setting.kind.expected.replace(/, or leave it unset.*$/, ''));
    return `| \`${setting.name}\` | ${standard} | ${expected} | ${cell(setting.description)} | \`${setting.example}\` |`;
  });
  return [
    '# Configuration',
    '',
    '<!-- Made from settings.ts by `npm run docs:config`; a test keeps both in step. -->',
    '',
    'Turnpike is configured by environment variables. It needs none of them: `turnpike start` without any',
    'keeps its data in `./data` and listens on this machine only.',
    '',
    'All of them are read and checked once, at the start. A value that does not fit, a name that is not known',
    'or a combination that is not safe ends the program with exit code 2 and one line that names the setting,',
    'its value and what to do. An empty variable counts as unset.',
    '',
    '| setting | default | a fitting value is | what it is for | example |',
    '|---|---|---|---|---|',
    ...rows,
    '',
    '## Rules between settings',
    '',
    '- **Management serves loopback only.** It has no credentials yet. While `TURNPIKE_ROLES` includes',
    '  `management`, `TURNPIKE_HOST` must be a loopback address (`127.0.0.0/8`, `::1`, `localhost`).',
    '- **Ports differ.** Two listeners of one process cannot share a port. Port `0` takes any free one; the',
    '  line `turnpike ready …` tells which.',
    '- **The number of partitions stays.** It is fixed when the data folder is created; a start with another',
    '  one is refused.',
    '- **Stripe needs a key.** With `TURNPIKE_GATEWAY=stripe`, processes with the roles `actors` or `management`',
    '  need `TURNPIKE_STRIPE_SECRET_KEY`; webhooks are taken with `TURNPIKE_STRIPE_WEBHOOK_SECRET` only. All processes',
    '  of a cluster must have the same gateway. See [payouts](payouts.md).',
    '- **Embedded engines only.** `TURNPIKE_NATS_URL`, `TURNPIKE_REDIS_URL` and `TURNPIKE_CLICKHOUSE_URL` are',
    '  checked, but this version refuses to start with any of them set. The embedded engines live in one process,',
    '  so that process has all roles.',
    '',
    '## Examples',
    '',
    '```sh',
    '# Other ports and another data folder',
    'TURNPIKE_INGEST_PORT=9080 TURNPIKE_HTTP_PORT=9081 TURNPIKE_GRPC_PORT=9051 \\',
    '  TURNPIKE_DATA_DIR=/var/lib/turnpike turnpike start',
    '',
    '# Any free ports: read them from the ready line',
    'TURNPIKE_INGEST_PORT=0 TURNPIKE_HTTP_PORT=0 TURNPIKE_GRPC_PORT=0 turnpike start',
    '```',
    '',
  ].join('\n');
}
