package dev.sightline;

import dev.sightline.v1.Image;
import java.util.Optional;

/**
 * What became of one image of a bulk create.
 *
 * @param index its place among those given
 * @param image the image, empty where there is an error
 * @param error why there is none
 */
public record CreateResult(long index, Optional<Image> image, Optional<CallError> error) {}
