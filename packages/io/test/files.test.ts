import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  encodeNpy,
  encodeNpz,
  encodeSafetensors,
  readNpy,
  readNpz,
  readSafetensors,
  writeFileAtomically,
} from '../src/index.ts';

const broken = vi.hoisted(() => ({ code: '' }));
vi.mock('node:fs/promises', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:fs/promises')>();
  const open = async (...args: Parameters<typeof real.open>) => {
    const file = await real.open(...args);
    if (broken.code) {
      file.writeFile = async () => {
        await file.write('half');
        throw Object.assign(new Error('write failed'), { code: broken.code });
      };
    }
    return file;
  };
  return { ...real, open };
});

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lensfield-io-'));
});
afterEach(async () => {
  broken.code = '';
  await rm(folder, { recursive: true });
});

const array = { shape: [2], data: Float64Array.of(1, 2) };

describe('reading files', () => {
  it('reads what was written', async () => {
    await writeFileAtomically(join(folder, 'a.npy'), encodeNpy(array));
    await writeFileAtomically(join(folder, 'a.npz'), encodeNpz({ array, other: array }));
    await writeFileAtomically(join(folder, 'a.safetensors'), encodeSafetensors({ array }));
    expect((await readNpy(join(folder, 'a.npy'))).data).toEqual(array.data);
    expect(Object.keys(await readNpz(join(folder, 'a.npz'), { names: ['array'] }))).toEqual(['array']);
    expect((await readSafetensors(join(folder, 'a.safetensors'))).tensors.array.data).toEqual(array.data);
  });

  it('names the path in every error', async () => {
    const text = join(folder, 'text.npy');
    await writeFile(text, '1 2 3');
    await expect(readNpy(text)).rejects.toThrow(`io.decodeNpy: ${text} must be an npy file`);
    await expect(readNpz(text)).rejects.toThrow(`io.decodeNpz: ${text} must be a whole npz`);
    await expect(readNpy(join(folder, 'none.npy'))).rejects.toThrow(
      `io.readNpy: ${join(folder, 'none.npy')} must be a file that can be read; got no such file or folder. Check the path.`,
    );
    await expect(readNpy(folder)).rejects.toThrow('got a folder. Name a file in it.');
  });
});

describe('writeFileAtomically', () => {
  it('replaces a file and leaves nothing beside it', async () => {
    const path = join(folder, 'a.txt');
    await writeFileAtomically(path, 'old');
    await Promise.all(['new 1', 'new 2', 'new 3'].map((text) => writeFileAtomically(path, text)));
    expect(await readFile(path, 'utf8')).toMatch(/^new [123]$/);
    expect(await readdir(folder)).toEqual(['a.txt']);
  });

  it('on a full disk keeps the old file and removes the half-written one', async () => {
    const path = join(folder, 'a.txt');
    await writeFileAtomically(path, 'old');
    broken.code = 'ENOSPC';
    const error = await writeFileAtomically(path, 'new').catch((cause: Error) => cause);
    expect((error as Error).message).toBe(
      `io.writeFileAtomically: ${path} must be a file that can be written; got a full disk. Free some space or choose another folder.`,
    );
    // What isLensfieldError of @lensfield/kernels looks for.
    expect(error).toMatchObject({ [Symbol.for('lensfield.error')]: true, code: 'INVALID_ARGUMENT' });
    expect(await readFile(path, 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual(['a.txt']);
  });

  it('refuses a missing folder, a file as folder, and a folder as file', async () => {
    await mkdir(join(folder, 'full'));
    await writeFile(join(folder, 'full', 'file'), '');
    const write = (...path: string[]) => writeFileAtomically(join(folder, ...path), 'x');
    await expect(write('none', 'a')).rejects.toThrow('got no such file or folder.');
    await expect(write('full', 'file', 'a')).rejects.toThrow('got a part of the path that is no folder.');
    await expect(write('full')).rejects.toThrow('got a folder.');
    expect(await readdir(folder)).toEqual(['full']);
  });
});
