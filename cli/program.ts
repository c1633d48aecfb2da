/** The command line: commands, options and their help. What a command does is loaded when it is called. */
import { Command, CommanderError } from 'commander';
import { addDemo, type DemoFlags } from './demo-command.ts';
import { examples } from './examples.ts';
import { ExitCode } from './exit.ts';
import { addReplay, type ReplayFlags } from './replay-command.ts';
import { settingsHelp } from './settings-text.ts';
import type { VerifyOptions } from './verify.ts';
import { addVerify } from './verify-command.ts';
import { programVersion } from './version.ts';

/** What the commands do. Tests put others in their place. */
export interface Actions {
  start(): Promise<ExitCode>;
  migrate(): Promise<ExitCode>;
  demo(flags: DemoFlags): Promise<ExitCode>;
  replay(flags: ReplayFlags): Promise<ExitCode>;
  verify(options: VerifyOptions): Promise<ExitCode>;
}

export interface Output {
  write(text: string): void;
  writeError(text: string): void;
}

/** Width of help where it does not go to a terminal. */
const HELP_WIDTH = 100;

/**
 * Runs what the arguments ask for.
 *
 * @param args without the program and script
 * @returns the exit code; usage errors have been told, failures of a job are thrown
 */
export async function runProgram(
  args: readonly string[],
  actions: Actions,
  output: Output,
): Promise<ExitCode> {
  let exitCode: ExitCode = ExitCode.ok;
  const program = describeProgram(actions, output, (code) => {
    exitCode = code;
  });
  try {
    if (args.length === 0) {
      output.writeError(program.helpInformation());
      return ExitCode.usage;
    }
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander has printed help, version or the error itself.
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
    throw error;
  }
}

function describeProgram(actions: Actions, output: Output, end: (code: ExitCode) => void): Command {
  const program = new Command('turnpike')
    .description('Counts marketing traffic: impressions, clicks and conversions, each exactly once.')
    .version(programVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .exitOverride()
    .configureHelp({ sortSubcommands: false })
    .configureOutput({
      writeOut: (text) => output.write(text),
      writeErr: (text) => output.writeError(text),
      outputError: (text, write) => write(oneLine(text)),
      getOutHelpWidth: () => Math.min(process.stdout.columns ?? HELP_WIDTH, HELP_WIDTH),
      getErrHelpWidth: () => HELP_WIDTH,
    })
    .addHelpText('after', `\n${settingsHelp()}\n${examples(PROGRAM_EXAMPLES)}${EXIT_CODES}`);
  addStart(program, actions, end);
  addDemo(program, async (flags) => end(await actions.demo(flags)));
  addReplay(program, async (flags) => end(await actions.replay(flags)));
  addMigrate(program, actions, end);
  addVerify(program, async (options) => end(await actions.verify(options)));
  return program;
}

/** Commander puts its guess at what was meant on a line of its own. */
function oneLine(text: string): string {
  return `${text
    .trim()
    .replace(/^error: /, 'turnpike: ')
    .replaceAll(/\s*\n\s*/g, ' ')}\n`;
}

const PROGRAM_EXAMPLES = [
  'turnpike start',
  'turnpike demo --events 200000',
  'turnpike replay clicks.csv --map campaign_id=Campaign,event_id=Id --default type=click',
];

const EXIT_CODES = `
Exit codes: 0 all well, 1 the job failed or its result is not exact, 2 wrong option or setting,
130 stopped by Ctrl-C.
`;

function addStart(program: Command, actions: Actions, end: (code: ExitCode) => void): void {
  program
    .command('start')
    .description('start the server; it prints "turnpike ready" with its addresses when it accepts work')
    .helpOption('-h, --help', 'print this help')
    .addHelpText(
      'after',
      `\n${settingsHelp()}\n${examples([
        'turnpike start',
        'TURNPIKE_DATA_DIR=/var/lib/turnpike TURNPIKE_LOG_LEVEL=warn turnpike start',
        'TURNPIKE_INGEST_PORT=0 TURNPIKE_HTTP_PORT=0 TURNPIKE_GRPC_PORT=0 turnpike start',
      ])}`,
    )
    .action(async () => end(await actions.start()));
}

function addMigrate(program: Command, actions: Actions, end: (code: ExitCode) => void): void {
  program
    .command('migrate')
    .description('create what is missing of the warehouse, and say what that was; start does it too')
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', `\n${settingsHelp()}\n${examples(['TURNPIKE_DATA_DIR=./data turnpike migrate'])}`)
    .action(async () => end(await actions.migrate()));
}
