import { fileURLToPath } from 'node:url'
import { inflate } from '@sparticuz/chromium'

/**
 * A program of its own, because the package unpacks into the system's folder for temporary files and nowhere else: whoever
 * starts it names another folder as TMPDIR. Leaves `chromium`, `fonts` and `al2023`, libraries for systems without NSS.
 */
const packed = new URL('../bin/', import.meta.resolve('@sparticuz/chromium'))
const files = ['chromium.br', 'fonts.tar.br', 'al2023.tar.br']
await Promise.all(files.map((name) => inflate(fileURLToPath(new URL(name, packed)))))
