"""Which node a room's name belongs to: the formula of actors/directory/placement.hpp, held by its golden vectors."""
FRACTION_BITS = 48
UNITS_PER_WEIGHT = 1024
MASK = (1 << 64) - 1


def fnv1a64(start, data):
    for byte in data:
        start = (start ^ byte) * 0x100000001B3 & MASK
    return start


def mix(value):
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        value = (value ^ value >> 33) * factor & MASK
    return value ^ value >> 33


def log2_fixed(number):
    whole = number.bit_length() - 1
    mantissa, log = number << (63 - whole), whole
    for _ in range(FRACTION_BITS):
        square = mantissa * mantissa >> 63
        carry = square >> 64
        mantissa = square >> 1 if carry else square
        log = log << 1 | carry
    return log


def cost(key, name):
    seed = fnv1a64(fnv1a64(0xCBF29CE484222325, key.encode()), b"\xff")
    return (64 << FRACTION_BITS) - log2_fixed(mix(fnv1a64(seed, name.encode())) | 1)


def rank(key, weights):
    """The nodes in order of preference; `weights` maps names to weights, 0 takes nothing."""
    scored = [(weight * UNITS_PER_WEIGHT, cost(key, name), name) for name, weight in weights.items() if weight > 0]
    scored.sort(key=lambda each: each[2])
    ordered = []
    for each in scored:  # exact integers: A before B when units(A) * cost(B) > units(B) * cost(A)
        at = next((i for i, other in enumerate(ordered) if each[0] * other[1] > other[0] * each[1]), len(ordered))
        ordered.insert(at, each)
    return [name for _, _, name in ordered]
