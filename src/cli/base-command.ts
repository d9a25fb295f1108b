// What every command shares: the global flags, one JSON document on stdout, and exit codes.
// It knows nothing about what a command does.

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Command, Errors, Flags } from '@oclif/core';
import type { Diagnostic } from '../model/diagnostic.ts';
import { inWords } from '../model/errors.ts';
import type { RunEvent } from '../model/event.ts';
import { toSnakeKeys } from '../model/key-case.ts';
import { passwordsIn, withoutSecrets } from '../model/known-secrets.ts';
import { type AllowList, readAllowEntries, toAllowList } from '../model/plan/allow-list.ts';
import { ExitCode } from '../model/plan/exit-code.ts';
import { exitOfCodes, exitOfErrors } from '../model/plan/exit-of-errors.ts';
import { warningChannel } from '../model/plan/warnings.ts';
import { printableLines } from '../model/printable.ts';
import type { ReadResult, UnreadNodes } from '../model/report/read-result.ts';
import { type LogFile, openLogFile } from './event-log.ts';
import type { ExitCodeName } from './exit-codes.ts';
import { errorDocument, exitCodeOf, wantsJson } from './failure.ts';
import { jsonLine, sayOnStderr, withoutSecretsAndCommands } from './output.ts';
import { processRuntime } from './process-runtime.ts';
import { countDiagnostics, renderDiagnostics } from './render/render-diagnostics.ts';
import { createStyle, type Style } from './render/style.ts';

export interface RuntimeFlags {
  readonly 'allow-env'?: readonly string[] | undefined;
  readonly 'include-outside'?: boolean | undefined;
  readonly 'log-file'?: string | undefined;
  readonly 'verify-with'?: string | undefined;
  readonly 'log-format': 'json' | 'text';
}

type CommandRuntime = ReturnType<typeof processRuntime> & {
  readonly allowedVariables?: AllowList;
  readonly includeOutside: boolean;
  readonly verifyWith?: string;
};

const passwordInArguments =
  'The command line contains a password. Other users of this machine can read it in the list of processes. Put the connection string into an environment variable that steep.yaml names, or the password into a passfile.';

export abstract class BaseCommand extends Command {
  static override enableJsonFlag = true;

  static override baseFlags = {
    config: Flags.string({
      summary: 'The topology file.',
      helpValue: 'FILE',
      helpGroup: 'GLOBAL',
      default: 'steep.yaml',
    }),
    'no-color': Flags.boolean({
      // chalk and oclif read the flag from the command line by themselves.
      summary: 'Print without colour, as NO_COLOR does.',
      helpGroup: 'GLOBAL',
    }),
    'allow-env': Flags.string({
      summary:
        'An environment variable that connections in steep.yaml may name; others are refused.',
      description:
        'Also STEEP_ALLOW_ENV, separated by commas. Without either, all may be used. With either, PGPASSWORD and ' +
        'password files (PGPASSFILE) are used only if they are listed, and a password is sent in clear text only if ' +
        'PGREQUIREAUTH allows it. A variable may be a whole connection, or a password of one; NAME:plain says that it ' +
        'holds no secret, so that it may be any part of a connection, for example the host.',
      helpValue: 'NAME',
      helpGroup: 'GLOBAL',
      multiple: true,
    }),
    'include-outside': Flags.boolean({
      summary:
        'Read included files, and snapshots of init.snapshot, outside the directory of steep.yaml.',
      helpGroup: 'GLOBAL',
    }),
    'log-file': Flags.string({
      summary: 'Write a log of what happens to this file.',
      helpValue: 'FILE',
      helpGroup: 'GLOBAL',
    }),
    'log-format': Flags.option({
      summary: 'The format of the log.',
      options: ['json', 'text'] as const,
      helpGroup: 'GLOBAL',
      default: 'json',
    })(),
  };

  /** How this command can end, in addition to the ways common to all commands. Its help shows them. */
  static exitCodes: readonly ExitCodeName[] = [];

  protected logFile: LogFile | null = null;

  protected override async init(): Promise<void> {
    await super.init();
    // oclif would read a missing argument from stdin: that may be the list that a script around steep works through.
    for (const argument of Object.values(this.ctor.args)) argument.ignoreStdin = true;
    subscribe(warningChannel, this.#onWarning);
    if (this.argv.some((word) => passwordsIn(word).length > 0)) this.#tellOnce(passwordInArguments);
  }

  readonly #told = new Set<string>();

  readonly #tellOnce = (message: string): void => {
    if (this.#told.has(message)) return;
    this.#told.add(message);
    sayOnStderr(`warning: ${message}`);
  };

  readonly #onWarning = (message: unknown): void => this.#tellOnce(String(message));

  /** Does the work, prints for people with `log`, and returns what `--json` prints. */
  abstract override run(): Promise<object>;

  /** Ends with this exit code once the command returns. Never `this.exit`: that is an error to oclif. */
  protected endWith(name: ExitCodeName): void {
    process.exitCode = ExitCode[name];
  }

  /** Ends as these errors of nodes ask for: with 7 where an answer is unknown. False: there are none. */
  protected endUnread(codes: readonly string[]): boolean {
    if (codes.length > 0) process.exitCode = exitOfCodes(codes);
    return codes.length > 0;
  }

  /** What `--json` prints where nodes could not be read, of which `message` tells people. */
  protected unreadDocument(message: string, diagnostics: readonly Diagnostic[]): object {
    const exit_code = exitOfErrors(diagnostics);
    process.exitCode = exit_code;
    if (!this.jsonEnabled()) this.logToStderr(message);
    return { error: { code: 'NODE_UNREADABLE', message, suggestions: [], exit_code }, diagnostics };
  }

  /** The world for the workflows; opens the log file, where one is asked for. `interrupt`: ends the command. */
  protected runtime(flags: RuntimeFlags, interrupt: AbortSignal | null = null): CommandRuntime {
    const path = flags['log-file'];
    this.logFile ??= path === undefined ? null : openLogFile(path, flags['log-format']);
    const allowed = [...new Set([...(flags['allow-env'] ?? []), ...readAllowEntries(process.env)])];
    // For all that connects, in this process and in those that it starts.
    if (allowed.length > 0) process.env.STEEP_ALLOW_ENV = allowed.join(',');
    return {
      ...processRuntime(this.config.version, this.logFile, interrupt),
      ...(allowed.length === 0 ? {} : { allowedVariables: toAllowList(allowed) }),
      includeOutside: flags['include-outside'] === true,
      ...(flags['verify-with'] === undefined ? {} : { verifyWith: flags['verify-with'] }),
    };
  }

  /** Of a run that is shown otherwise: its events are in the log file alone. */
  protected logEvent(event: RunEvent): void {
    this.logFile?.write(event);
  }

  protected override async finally(error: Error | undefined): Promise<void> {
    unsubscribe(warningChannel, this.#onWarning);
    this.logFile?.close();
    await super.finally(error);
  }

  /** How this terminal is written to. */
  protected style(noColor: boolean): Style {
    return createStyle({ isTTY: process.stdout.isTTY, env: process.env, noColor });
  }

  /** Findings about the file, on stderr: stdout is for the result. */
  protected tell(diagnostics: readonly Diagnostic[], style: Style): void {
    if (diagnostics.length > 0 && !this.jsonEnabled()) {
      this.logToStderr(`${renderDiagnostics(diagnostics, style)}\n`);
    }
  }

  /** Ends because of the file; returns what `--json` prints. */
  protected invalidFile(diagnostics: readonly Diagnostic[]): object {
    this.endWith('invalidFile');
    const message = `The topology file is not valid: ${countDiagnostics(diagnostics)}.`;
    if (!this.jsonEnabled()) this.logToStderr(message);
    const exit_code = ExitCode.invalidFile;
    return { error: { code: 'INVALID_FILE', message, suggestions: [], exit_code }, diagnostics };
  }

  /** Tells the findings, sets the exit code, and returns what `--json` prints. */
  protected notRead({ outcome, diagnostics }: UnreadNodes, style: Style): object {
    this.tell(diagnostics, style);
    if (outcome === 'invalid file') return this.invalidFile(diagnostics);
    return this.unreadDocument('A node could not be read.', diagnostics);
  }

  /** Prints a report, or tells why there is none; returns what `--json` prints. */
  protected printRead<Report extends object>(
    result: ReadResult<Report>,
    flags: { readonly 'no-color': boolean },
    render: (report: Report) => string,
  ): object {
    if (result.outcome !== 'read') return this.notRead(result, this.style(flags['no-color']));
    this.log(render(result.report));
    return result.report;
  }

  /** oclif would end with 1 under --json, and with codes of its own otherwise. */
  protected override async catch(thrown: Error): Promise<void> {
    const error = inWords(thrown) ?? thrown;
    const exit = exitCodeOf(error);
    process.exitCode = exit;
    await super.catch(Object.assign(error, { oclif: { exit } }));
  }

  override jsonEnabled(): boolean {
    return wantsJson(this.argv);
  }

  /** One line, so that it is also a line of NDJSON; keys are snake_case in everything steep writes. */
  protected override logJson(json: unknown): void {
    process.stdout.write(jsonLine(toSnakeKeys(json)));
  }

  protected override toErrorJson(error: unknown): object {
    return errorDocument(error);
  }

  /** Every text for people passes the edge. */
  override log(message = '', ...rest: unknown[]): void {
    super.log(withoutSecretsAndCommands(message), ...rest);
  }

  override logToStderr(message = '', ...rest: unknown[]): void {
    super.logToStderr(withoutSecretsAndCommands(message), ...rest);
  }

  /** What a program is to read: SQL, a picture. */
  protected logExactly(text: string): void {
    super.log(withoutSecrets(text));
  }

  /** To stderr, with --json too: stdout holds the document only. */
  override warn(input: Error | string): Error | string {
    Errors.warn(
      withoutSecretsAndCommands(printableLines(typeof input === 'string' ? input : input.message)),
    );
    return input;
  }
}
