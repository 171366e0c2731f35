// `node probe.mjs <url>`: exit code 0 when it answers 2xx within two seconds. Health checks of images without a shell.
const answer = await fetch(process.argv[2] ?? '', { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
process.exit(answer?.ok ? 0 : 1);
