/**
 * Asks the process in this container whether it accepts work, on each HTTP port of its roles: exit code 0 if
 * it does, 1 if not. Besides Node the image has no program that could.
 */
const { TURNPIKE_ROLES, TURNPIKE_INGEST_PORT, TURNPIKE_HTTP_PORT } = process.env;
const roles = (TURNPIKE_ROLES || 'ingest,actors,management').split(',').map((role) => role.trim());
const ports = [];
if (roles.includes('ingest')) ports.push(TURNPIKE_INGEST_PORT || '8080');
// Actors alone have it too, for operators.
if (roles.includes('management') || !roles.includes('ingest')) ports.push(TURNPIKE_HTTP_PORT || '8081');

try {
  for (const port of ports) {
    const address = `http://127.0.0.1:${port}/readyz`;
    const { ok, status } = await fetch(address, { signal: AbortSignal.timeout(2_000) });
    if (!ok) throw new Error(`${address} answers ${status}`);
  }
} catch (error) {
  process.stderr.write(`${error.cause?.message ?? error.message}\n`);
  process.exitCode = 1;
}
