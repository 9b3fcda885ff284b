print("toponas")
