import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { createTransport } from 'nodemailer'
import { makePrivateFolder } from '../files/make-private-folder.ts'
import { writePrivateFile } from '../files/write-private-file.ts'
import { composerOptions, type Mailer } from './mailer.ts'

/**
 * Puts each mail into a folder as `<time>-<id>.eml`, readable by this user alone. A file is there whole or not at all, and
 * a mail that is sent again replaces itself.
 */
export function createFolderMailer(folder: string): Mailer {
  const composer = createTransport({ streamTransport: true, buffer: true })
  return {
    async send(mail) {
      const { message } = await composer.sendMail(composerOptions(mail))
      if (!Buffer.isBuffer(message)) throw new TypeError('The composer gave no message.')
      makePrivateFolder(folder)
      const name = `${mail.date.toISOString().replaceAll(':', '')}-${mail.id}`
      const unfinished = join(folder, `.${name}.tmp`)
      await writePrivateFile(unfinished, message, { mayReplace: true })
      await rename(unfinished, join(folder, `${name}.eml`))
    },
  }
}
