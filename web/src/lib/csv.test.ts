import { describe, expect, it } from 'vitest'
import { toCsv } from './csv.ts'

describe('toCsv', () => {
  it('quotes what would end a cell, and keeps figures as they are', () => {
    expect(
      toCsv([
        ['Name', 'Value'],
        ['a "b", c', '-1024.50'],
      ]),
    ).toBe('\uFEFFName,Value\r\n"a ""b"", c",-1024.50\r\n')
  })

  it('lets no cell be a formula', () => {
    expect(toCsv([['=1+1', '@x', '-A1', '+cmd', '\tx']])).toBe("\uFEFF'=1+1,'@x,'-A1,'+cmd,'\tx\r\n")
  })
})
