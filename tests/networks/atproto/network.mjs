// A whole Bluesky network in one process: PLC, PDS, AppView and what those need. Prints the addresses as one line of JSON
// once it is ready, and ends on SIGTERM. DB_POSTGRES_URL and REDIS_HOST say where its stores are.
import { Server } from 'node:net'

// The packages listen on all addresses, and only some of them can be told otherwise.
const listen = Server.prototype.listen
Server.prototype.listen = function (...args) {
  const [where] = args
  if (typeof where === 'object' && where !== null && 'port' in where) args[0] = { host: '127.0.0.1', ...where }
  else if (/^\d+$/.test(String(where)) && typeof args[1] !== 'string') args.splice(1, args.length > 1 && args[1] === undefined ? 1 : 0, '127.0.0.1')
  else if (args.length === 0 || typeof where === 'function') args.unshift(0, '127.0.0.1')
  return listen.apply(this, args)
}

const { TestNetwork, mockMailer } = await import('@atproto/dev-env')
// No ports are named: then each is a free one.
const network = await TestNetwork.create({
  dbPostgresSchema: 'net',
  pds: { hostname: 'localhost' },
  bsky: { dbPostgresSchema: 'bsky' },
  ozone: { dbMaterializedViewRefreshIntervalMs: 600_000 },
})
mockMailer(network.pds)
console.log(JSON.stringify({ pds: network.pds.url, appview: network.bsky.url }))

process.on('SIGTERM', async () => {
  setTimeout(() => process.exit(0), 4000).unref()
  await network.close().catch(() => undefined)
  process.exit(0)
})
