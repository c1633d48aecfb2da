/**
 * Asks the process in this container whether it accepts work: exit code 0 if it does, 1 if not. The image
 * has no other program that could.
 */
const roles = (process.env.TURNPIKE_ROLES || 'ingest,actors,management').split(',').map((role) => role.trim());
const ports = [
  roles.includes('ingest') ? process.env.TURNPIKE_INGEST_PORT || '8080' : undefined,
  roles.includes('management') ? process.env.TURNPIKE_HTTP_PORT || '8081' : undefined,
].filter((port) => port !== undefined);

try {
  for (const port of ports) {
    const { ok, status } = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(2_000) });
    if (!ok) throw new Error(`port ${port} answers ${status}`);
  }
} catch (error) {
  console.error(error instanceof Error ? (error.cause ?? error) : error);
  process.exit(1);
}
