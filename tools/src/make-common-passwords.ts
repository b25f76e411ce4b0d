import { readFileSync, writeFileSync } from 'node:fs'
import { dictionary } from '@zxcvbn-ts/language-common'
import { COMMON_PASSWORDS_FILE } from '../../server/src/platform/crypto/password-filter.ts'
import { packPasswordFilter } from '../../server/src/platform/crypto/password-filter-file.ts'
import { fold } from '../../server/src/platform/crypto/password-rules.ts'

const MIN_CODE_POINTS = 8 // no setting allows shorter passwords, so shorter entries would never be asked for

/** Makes the shipped filter out of the package's own list and further lists of one password per line. */
function makeCommonPasswords(lists: readonly string[]): Buffer {
  const passwords = [dictionary['passwords-common'], ...lists.map((list) => list.split(/\r?\n/))]
    .flat()
    .map(fold)
  return packPasswordFilter(passwords.filter((password) => [...password].length >= MIN_CODE_POINTS))
}

if (import.meta.main) {
  const lists = process.argv.slice(2).map((path) => readFileSync(path, 'utf8'))
  writeFileSync(COMMON_PASSWORDS_FILE, makeCommonPasswords(lists))
}
