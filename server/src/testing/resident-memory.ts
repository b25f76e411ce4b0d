import { readFile, writeFile } from 'node:fs/promises'

async function megabytes(pid: number, field: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1_024
}

/** The resident memory of a process in MiB (Linux). */
export const residentMegabytes = (pid: number): Promise<number> => megabytes(pid, 'VmRSS')

/** The most that was resident since `forgetPeak`, in MiB. */
export const peakMegabytes = (pid: number): Promise<number> => megabytes(pid, 'VmHWM')

/** Lets the peak begin anew at what is resident now; proc_pid_clear_refs(5). */
export const forgetPeak = (pid: number): Promise<void> => writeFile(`/proc/${pid}/clear_refs`, '5')
