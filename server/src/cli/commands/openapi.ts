import { loadConfig } from '../../config/config.ts'
import { defineCommand } from '../command.ts'

export const command = defineCommand({
  description: [
    'Prints the OpenAPI 3.1 document that the server also serves; needs no settings and no database.',
  ],
  options: {},
  async run({ env, cwd, write }) {
    loadConfig(env, cwd) // a wrong setting is an error of every command
    const { openApiDocument } = await import('../openapi-document.ts')
    write(await openApiDocument())
  },
})
