"""Computes the low-frequency crop (Wang et al., TPAMI 2024, sec. 4.1) in PyTorch, for peers: by products with numpy's
FFT of the identity."""
import numpy as np
import torch


def crop_matrix(size, bandwidth):
    """Returns real and imaginary part, each [B, size], of the inverse DFT of the central B of size frequencies, scaled
    to keep the mean."""
    spectrum = np.fft.fftshift(np.fft.fft(np.eye(size), axis=0), axes=0)
    start = size // 2 - bandwidth // 2
    cropped = np.fft.ifftshift(spectrum[start : start + bandwidth], axes=0)
    matrix = np.fft.ifft(cropped, axis=0) * bandwidth / size
    return [torch.from_numpy(np.ascontiguousarray(part, dtype=np.float32)) for part in (matrix.real, matrix.imag)]


def low_frequency_crop(images, matrix):
    """Crops low frequencies: float [N, 3, S, S] -> [N, 3, B, B]."""
    real, imaginary = matrix
    flat = images.reshape(-1, *images.shape[2:])

    def both(part):
        columns = (flat.reshape(-1, flat.shape[2]) @ part.T).reshape(len(flat), flat.shape[1], -1)
        return torch.matmul(part, columns).reshape(*images.shape[:2], len(part), len(part))

    return both(real) if imaginary.abs().max() < 1e-7 else both(real) - both(imaginary)
