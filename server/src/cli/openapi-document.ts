import { join } from 'node:path'
import { createApp } from '../app.ts'
import { loadConfig } from '../config/config.ts'
import { systemClock } from '../platform/clock.ts'
import { inScratchFolder } from '../platform/files/in-scratch-folder.ts'
import { createLogger } from '../platform/log/logger.ts'
import { prepareInstance } from '../prepare-instance.ts'
import { CommandError } from './command-error.ts'

/** The document as the server of this version serves it, from a server that lives for a moment on a scratch database. */
export function openApiDocument(): Promise<string> {
  return inScratchFolder(async (folder) => {
    const config = loadConfig(
      { OUTCRY_DATA_DIR: join(folder, 'data'), OUTCRY_PUBLIC_URL: 'http://localhost:4000' },
      folder,
    )
    const instance = await prepareInstance(config, systemClock)
    await using app = await createApp(config, instance, { log: createLogger({ level: 'silent' }) })
    const address = await app.http.listen({ host: '127.0.0.1', port: 0 })
    const response = await fetch(`${address}/api/openapi.json`)
    if (!response.ok) throw new CommandError('The server did not give its OpenAPI document.')
    return JSON.stringify(await response.json(), null, 2)
  })
}
