import { readFileSync } from 'node:fs'

const LINE = /^([A-Za-z_][A-Za-z0-9_]*)\s*=(.*)$/

/** What a settings file holds, with one sentence for each line that cannot be read. */
export interface SettingsFile {
  texts: Record<string, string>
  problems: string[]
}

/**
 * Reads NAME=VALUE lines; empty lines and lines that start with `#` are skipped, one pair of quotes around a value is taken
 * off. Problems name the line by number and never repeat a value.
 */
export function readSettingsFile(path: string): SettingsFile {
  const content = contentOf(path)
  if (content === undefined) {
    return { texts: {}, problems: [`The settings file ${path} cannot be read; check OUTCRY_CONFIG.`] }
  }
  const texts: Record<string, string> = Object.create(null) // any name may occur, also __proto__
  const problems: string[] = []
  content.split(/\r?\n/).forEach((line, index) => {
    if (/^\s*(#|$)/.test(line)) return
    const [, name, value] = LINE.exec(line.trim()) ?? []
    if (name === undefined || value === undefined) {
      problems.push(`Line ${index + 1} of ${path} is not NAME=VALUE.`)
    } else if (name in texts) {
      problems.push(`Line ${index + 1} of ${path} sets ${name} a second time.`)
    } else {
      texts[name] = value.trimStart().replace(/^(["'])(.*)\1$/, '$2')
    }
  })
  return { texts, problems }
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').replace(/^\uFEFF/, '')
  } catch {
    return undefined
  }
}
