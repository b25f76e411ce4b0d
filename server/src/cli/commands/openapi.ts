import { defineCommand } from '../command.ts'

export const command = defineCommand({
  description: [
    'Prints the OpenAPI 3.1 document that the server also serves; needs no settings and no database.',
  ],
  options: {},
  async run({ write }) {
    const { openApiDocument } = await import('../openapi-document.ts')
    write(await openApiDocument())
  },
})
