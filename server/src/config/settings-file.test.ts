import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { readSettingsFile } from './settings-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'settings-'))
const path = join(folder, 'outcry.env')
afterAll(() => rmSync(folder, { recursive: true }))

it('reads lines, skips comments, and takes quotes off', () => {
  writeFileSync(
    path,
    '\uFEFF# comment\r\n\r\nA=1\r\n  B = two words \nC="quoted # text"\nD=\'x\'\nE=a=b\nF=\n',
  )
  expect(readSettingsFile(path)).toEqual({
    texts: { A: '1', B: 'two words', C: 'quoted # text', D: 'x', E: 'a=b', F: '' },
    problems: [],
  })
})

it('names bad lines by number and repeats no value', () => {
  writeFileSync(path, 'A=1\ncanary-secret\nA=canary\n=canary\n__proto__=canary\n')
  const { texts, problems } = readSettingsFile(path)
  expect(problems).toEqual([
    `Line 2 of ${path} is not NAME=VALUE.`,
    `Line 3 of ${path} sets A a second time.`,
    `Line 4 of ${path} is not NAME=VALUE.`,
  ])
  expect(Object.keys(texts)).toEqual(['A', '__proto__'])
})

it('says so when the file is not there', () => {
  const missing = join(folder, 'none.env')
  expect(readSettingsFile(missing).problems).toEqual([
    `The settings file ${missing} cannot be read; check OUTCRY_CONFIG.`,
  ])
})
