import { Download } from 'lucide-react'
import { type ReactNode, useMemo, useState } from 'react'
import { downloadCsv, toCsv } from '../../../lib/csv.ts'
import { Button } from '../../../ui/button.tsx'
import { type Column, DataTable, useOrder } from '../../../ui/data-table.tsx'
import { SelectField, TextField } from '../../../ui/field.tsx'
import { Empty } from '../../../ui/states.tsx'

/** A column that also knows what stands in a file of the table. */
export interface FileColumn<Row> extends Column<Row> {
  /** The exact value, as the broker sent it. */
  text(row: Row): string
}

interface BrokerTableProps<Row> {
  readonly caption: string
  readonly columns: readonly FileColumn<Row>[]
  readonly rows: readonly Row[]
  keyOf(row: Row): string
  /** What typed words are looked for in. */
  searchText(row: Row): string
  /** A choice beside the search, by what it says of each row. */
  readonly kinds: { readonly label: string; of(row: Row): string }
  /** The name of the file without its ending. */
  readonly fileName: string
  readonly empty: ReactNode
}

/** A table of what a broker sent: searched, narrowed, sorted and taken away as a file. */
export function BrokerTable<Row>(props: BrokerTableProps<Row>) {
  const { caption, columns, rows, keyOf, searchText, kinds, fileName, empty } = props
  const [words, setWords] = useState('')
  const [kind, setKind] = useState('')
  const all = useMemo(() => [...new Set(rows.map(kinds.of))].sort(), [rows, kinds])
  const shown = useMemo(() => {
    const wanted = words.trim().toLowerCase()
    return rows.filter(
      (row) => (kind === '' || kinds.of(row) === kind) && searchText(row).toLowerCase().includes(wanted),
    )
  }, [rows, words, kind, kinds, searchText])
  const table = useOrder(shown, columns)
  if (rows.length === 0) return empty
  const download = () =>
    downloadCsv(
      `${fileName}.csv`,
      toCsv([
        columns.map(({ name }) => name),
        ...table.rows.map((row) => columns.map(({ text }) => text(row))),
      ]),
    )
  return (
    <div className="grid gap-4">
      <div className="flex flex-wrap items-end gap-3">
        <div className="w-36 grow sm:w-56 sm:grow-0">
          <TextField label="Search" type="search" value={words} onChange={(e) => setWords(e.target.value)} />
        </div>
        <div className="w-36 grow sm:w-auto sm:grow-0">
          <SelectField label={kinds.label} value={kind} onChange={(e) => setKind(e.target.value)}>
            <option value="">All</option>
            {all.map((each) => (
              <option key={each} value={each}>
                {each}
              </option>
            ))}
          </SelectField>
        </div>
        <Button onClick={download}>
          <Download size={16} aria-hidden="true" />
          Download CSV
        </Button>
      </div>
      <p role="status" className="text-sm text-ink-soft">
        {shown.length === rows.length ? `${rows.length} in all` : `${shown.length} of ${rows.length}`}
      </p>
      {shown.length === 0 ? (
        <Empty title="Nothing fits the search.">Change the words, or choose “All”.</Empty>
      ) : (
        <DataTable {...{ caption, columns, keyOf }} {...table} />
      )}
    </div>
  )
}
