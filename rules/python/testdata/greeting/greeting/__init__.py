"""What the tests of the rules build with Meson."""

from greeting._greeting import found, greet


def main():
    print(greet(0))
