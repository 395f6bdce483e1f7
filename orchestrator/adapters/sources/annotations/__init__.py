"""What people marked in pictures, read from files of its own: COCO's, and Roboflow's exports."""
