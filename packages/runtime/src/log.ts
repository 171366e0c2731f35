import { destination, type Level, type Logger, pino, stdTimeFunctions } from 'pino';
import { redactFields } from './redact.ts';

export type { Logger } from 'pino';

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = Level | 'silent';

export interface LoggerOptions {
  /** Appears in every line, for example `signer`. */
  readonly service: string;
  readonly level: LogLevel;
  /** Where lines go; standard output by default. */
  readonly destination?: { write(line: string): void };
}

/**
 * A logger that writes one JSON object a line. Secrets do not pass: fields are hidden by their name at any depth, and
 * every text, message and stack included, is searched for what looks like a seed, a private key, an authorization header
 * or a URL's credentials.
 */
export function createLogger({ service, level, destination: given }: LoggerOptions): Logger {
  const out = given ?? destination(1);
  return pino(
    {
      level,
      base: { service },
      timestamp: stdTimeFunctions.isoTime,
      // Errors are plain objects by the time that pino's own serializer would see them.
      serializers: { err: (value: unknown) => value },
      formatters: {
        level: (label) => ({ level: label }),
        // Turns what JSON cannot hold into what it can, before pino writes the line.
        log: (fields) => redactFields(fields),
      },
    },
    // The message and the bindings of child loggers come past the formatter: the finished line is the one place for all.
    { write: (line: string) => out.write(`${JSON.stringify(redactFields(JSON.parse(line)))}\n`) },
  );
}
